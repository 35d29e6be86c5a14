// A real Temporal server and worker, with the real activities on a cluster and agents in memory.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ServiceError } from '@temporalio/client';
import type { WorkflowHandleWithSignaledRunId } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { MetricsExporterConfig, WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import { buildWorkflowId, CLAIM_WORKFLOW_TYPE, RECONCILE_SIGNAL } from '../../api/names.ts';
import { bundleWorkflows } from '../../workers/bundle-workflows.ts';
import type { ReconcileSignal } from '../../workflows/messages.ts';
import type { dynamicVolumeClaimWorkflow } from '../../workflows/index.ts';
import { buildFirstSearchAttributes, SEARCH_KEYS } from '../../workflows/search-keys.ts';
import { FakeAgents } from '../builders/fake-agents.ts';
import { FakeCluster } from '../builders/fake-cluster.ts';
import { aClaim, aClass, aPod } from '../builders/objects.ts';
import { waitUntil } from '../wait-until.ts';
import { formatHistory, holdsText, listEventNames } from './history-file.ts';

/** A key that must never be seen outside an agent's request. */
export const CANARY = 'canary-5c2f9b7e';

export const HISTORIES_DIR = path.join(import.meta.dirname, '../histories');

const QUERY_MS = 60_000;

interface LabOptions {
  dynamicConfig?: string[];
  searchAttributes?: (typeof SEARCH_KEYS)[keyof typeof SEARCH_KEYS][];
  /** Where the SDK tells its metrics; nowhere when absent. */
  metrics?: MetricsExporterConfig;
}

/** One server for a test file. */
export class Lab {
  readonly environment: TestWorkflowEnvironment;
  readonly code: string;

  private constructor(environment: TestWorkflowEnvironment, code: string) {
    this.environment = environment;
    this.code = code;
  }

  /** @param options.dynamicConfig settings of the server, as `key=value` */
  static async start({
    dynamicConfig = [],
    searchAttributes = Object.values(SEARCH_KEYS),
    metrics,
  }: LabOptions = {}): Promise<Lab> {
    installRuntime(metrics);
    const settings = ['history.transferProcessorMaxPollRPS=2000', ...dynamicConfig];
    const environment = await TestWorkflowEnvironment.createLocal({
      server: {
        executable: { type: 'existing-path', path: findTemporal() },
        searchAttributes,
        extraArgs: settings.flatMap((setting) => ['--dynamic-config-value', setting]),
      },
    });
    return new Lab(environment, await bundleWorkflows());
  }

  /** On a server that runs already; its end is the caller's. */
  static async startOn(address: string): Promise<Lab> {
    installRuntime();
    const environment = await TestWorkflowEnvironment.createFromExistingServer({ address });
    return new Lab(environment, await bundleWorkflows());
  }

  async stop(): Promise<void> {
    await this.environment.teardown();
  }

  /** Runs a story with a worker, a cluster with one pod, one class and its Secret, and agents. */
  async run(story: (scene: Scene) => Promise<void>): Promise<void> {
    const scene = new Scene(this);
    const worker = await this.createWorker(scene);
    await worker.runUntil(story(scene));
  }

  createWorker(scene: Scene, options: Partial<WorkerOptions> = {}): Promise<Worker> {
    return Worker.create({
      connection: this.environment.nativeConnection,
      taskQueue: scene.taskQueue,
      workflowBundle: { code: this.code },
      maxHeartbeatThrottleInterval: '500 milliseconds',
      activities: createSceneActivities(scene),
      ...options,
    });
  }
}

/** The real activities, on a scene's cluster and agents. */
export function createSceneActivities(scene: Scene) {
  return createActivities({
    view: scene.cluster.view,
    kubernetes: scene.cluster.kubernetes,
    agents: scene.agents,
    settings: { mountPodImage: 'dynvol/mount-pod:test', temporalNamespace: 'default' },
    look: () => {},
  });
}

function installRuntime(metrics?: MetricsExporterConfig): void {
  const filter = { core: 'ERROR', other: 'ERROR' } as const;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter }, ...(metrics ? { metrics } : {}) },
  });
}

/** The program of the server. */
export function findTemporal(): string {
  const file = process.env['TEMPORAL_CLI'] ?? '';
  if (!existsSync(file)) throw new Error(`TEMPORAL_CLI names no file: "${file}"`);
  return file;
}

/** One cluster with its claims. */
export class Scene {
  readonly cluster = new FakeCluster();
  readonly agents = new FakeAgents();
  readonly taskQueue: string;
  /** How long Temporal waits for a worker that may be lost; its own default when absent. */
  workflowTaskTimeout: '5 seconds' | undefined;
  readonly #lab: Lab;

  constructor(lab: Lab, taskQueue = `test-${randomUUID()}`) {
    this.#lab = lab;
    this.taskQueue = taskQueue;
    this.cluster.classes.set('s3-sample', aClass());
    this.cluster.secrets.set('default/keys', {
      'access-key-id': 'somebody',
      'secret-access-key': CANARY,
    });
    this.cluster.putPod(aPod());
    this.agents.isAlive = (uid) => this.cluster.mountPods().some((pod) => pod.uid === uid);
  }

  /** Creates a claim object with an id of its own. */
  create(changes: Parameters<typeof aClaim>[0] = {}): ClaimStory {
    const uid = randomUUID();
    const claim = aClaim({ ...changes, metadata: { uid, ...changes.metadata } });
    this.cluster.put(claim);
    return new ClaimStory(this.#lab, this, claim);
  }

  /** Creates a claim and waits until it serves. */
  async attached(changes?: Parameters<typeof aClaim>[0]): Promise<ClaimStory> {
    const claim = this.create(changes);
    await claim.look();
    await claim.reason('Attached');
    return claim;
  }
}

/** One claim and its workflow. */
export class ClaimStory {
  readonly uid: string;
  readonly key: string;
  readonly workflowId: string;
  readonly #lab: Lab;
  readonly #scene: Scene;

  constructor(lab: Lab, scene: Scene, claim: DynamicVolumeClaim) {
    this.#lab = lab;
    this.#scene = scene;
    this.uid = claim.metadata.uid;
    this.key = `${claim.metadata.namespace}/${claim.metadata.name}`;
    this.workflowId = buildWorkflowId(claim.metadata);
  }

  /** What the watcher does at every change. */
  async look(signal?: ReconcileSignal): Promise<WorkflowHandleWithSignaledRunId> {
    const { metadata } = this.object ?? { metadata: undefined };
    const [namespace = '', name = ''] = this.key.split('/');
    const { client } = this.#lab.environment;
    return client.workflow.signalWithStart<typeof dynamicVolumeClaimWorkflow, [ReconcileSignal]>(
      CLAIM_WORKFLOW_TYPE,
      {
        workflowId: this.workflowId,
        taskQueue: this.#scene.taskQueue,
        args: [{ namespace, name, uid: this.uid }],
        signal: RECONCILE_SIGNAL,
        signalArgs: [
          signal ?? {
            generation: metadata?.generation ?? 1,
            deleting: metadata?.deletionTimestamp !== undefined,
          },
        ],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowTaskTimeout: this.#scene.workflowTaskTimeout,
        typedSearchAttributes: buildFirstSearchAttributes({ namespace, name, uid: this.uid }),
      },
    );
  }

  get handle() {
    return this.#lab.environment.client.workflow.getHandle<typeof dynamicVolumeClaimWorkflow>(
      this.workflowId,
    );
  }

  /** The claim's object, or undefined once it is gone. */
  get object(): DynamicVolumeClaim | undefined {
    const found = this.#scene.cluster.claims.get(this.key);
    return found?.metadata.uid === this.uid ? found : undefined;
  }

  get ready() {
    return this.object?.status?.conditions?.find((one) => one.type === 'Ready');
  }

  async edit(spec: Partial<DynamicVolumeClaim['spec']>): Promise<void> {
    this.#scene.cluster.edit(this.key, spec);
    await this.look();
  }

  async delete(): Promise<void> {
    this.#scene.cluster.delete(this.key);
    await this.look();
  }

  /** Deletes the claim and waits for the end of its workflow. */
  async end(): Promise<void> {
    await this.delete();
    await this.ended();
  }

  /** Waits for the end of the workflow, also when a server that is short of time gives up waiting with us. */
  async ended(): Promise<void> {
    for (;;) {
      try {
        return await this.handle.result();
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
      }
    }
  }

  /** Waits for a reason of the Ready condition that is about the present generation. */
  async reason(reason: string, timeoutMs = 30_000): Promise<void> {
    await waitUntil(
      `the claim is ${reason}`,
      () =>
        this.ready?.reason === reason &&
        this.ready.observedGeneration === this.object?.metadata.generation,
      timeoutMs,
      () => JSON.stringify(this.ready),
    );
  }

  /** History of the present run, or of a former one. */
  async history(runId?: string): Promise<History> {
    const { client } = this.#lab.environment;
    return client.workflow.getHandle(this.workflowId, runId).fetchHistory();
  }

  /** Names of the events so far, as `ActivityTaskScheduled`. */
  async events(runId?: string): Promise<string[]> {
    return listEventNames(await this.history(runId));
  }

  /** Asks the workflow. A worker that is short of time replays a long history first, longer than a client waits by itself. */
  async query<T>(name: string): Promise<T> {
    const { client } = this.#lab.environment;
    return await client.withDeadline(Date.now() + QUERY_MS, () => this.handle.query<T>(name));
  }

  /** The current details that Temporal's UI shows, as Markdown. */
  async details(): Promise<string> {
    const metadata = await this.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    return metadata.currentDetails ?? '';
  }

  /** Summaries of the activities so far, as Temporal's UI shows them. */
  async summaries(): Promise<string[]> {
    const { events } = await this.history();
    return (events ?? [])
      .filter((event) => event.activityTaskScheduledEventAttributes)
      .map((event) => Buffer.from(event.userMetadata?.summary?.data ?? []).toString())
      .map((text) => (text === '' ? '' : (JSON.parse(text) as string)));
  }

  /** Keeps the history for the replay test when it is asked to (test/workflow/replay.test.ts). */
  async keep(name: string, runId?: string): Promise<void> {
    const history = await this.history(runId);
    if (holdsText(history, CANARY)) throw new Error(`The history of ${name} holds a credential`);
    const file = path.join(HISTORIES_DIR, `${name}.json`);
    // One that is there was made by an older workflow, and so must stay.
    if (process.env['DYNVOL_KEEP_HISTORIES'] !== '1' || existsSync(file)) return;
    await writeFile(file, formatHistory(history));
  }
}
