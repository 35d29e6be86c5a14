// How is one look taken?
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { KubeApi } from './kube-api.ts';
import { observeObjects, observeSecretValues, remember } from './observe-objects.ts';
import {
  ContainerObserver,
  findKubelets,
  observeNode,
  observeProcesses,
  observeProcessTexts,
} from './observe-nodes.ts';
import { Prober } from './probe.ts';
import { listProcesses } from './processes.ts';
import { S3Log } from './s3-log.ts';
import { EMPTY_MEMORY, type Memory, type Snapshot } from './snapshot.ts';
import { listRunningWorkflows } from './temporal.ts';

/** Page that lists every reason, as its headings. */
const REASONS_PAGE = path.join(import.meta.dirname, '../../docs/reference/reasons.md');

/** Looks at everything, again and again. */
export class Observer {
  readonly #api: KubeApi;
  readonly #s3Logs: S3Log[];
  readonly #containers = new ContainerObserver(new Prober());
  readonly #reasons = parseReasons(readFileSync(REASONS_PAGE, 'utf8'));
  #memory: Memory = EMPTY_MEMORY;

  constructor(kubeconfig: string, s3Logs: readonly string[]) {
    this.#api = new KubeApi(kubeconfig);
    this.#s3Logs = s3Logs.map((file) => new S3Log(file));
  }

  /** @throws Error when the API server or Temporal does not answer */
  async look(): Promise<Snapshot> {
    const processes = await listProcesses();
    const kubelets = await findKubelets(processes);
    // Tables before objects: what is gone from the tables afterwards was still accounted for.
    const nodeViews = await Promise.all(kubelets.map(observeNode));
    const requests = (await Promise.all(this.#s3Logs.map((log) => log.read()))).flat();
    const [objects, workflows] = await Promise.all([
      observeObjects(this.#api),
      listRunningWorkflows(),
    ]);
    const { pods, claims, classes } = objects;
    const secretValues = await observeSecretValues(this.#api, classes);
    this.#memory = remember(this.#memory, objects, secretValues);
    return {
      atMs: Date.now(),
      ...objects,
      nodeViews,
      containers: await this.#containers.observe(pods, claims, processes),
      workflows,
      requests,
      processes: await observeProcesses(pods, kubelets, processes),
      processTexts: await observeProcessTexts(pods, processes),
      memory: this.#memory,
      reasons: this.#reasons,
    };
  }
}

/** Pure: the headings of the page of reasons. */
export function parseReasons(page: string): Set<string> {
  return new Set([...page.matchAll(/^### (\S+)$/gm)].map(([, reason = '']) => reason));
}
