// What is mounted, what lies and what runs on the nodes? (all nodes share the PID namespace of the checker)
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { findUncovered, isStorage, parseMountTable, type Row } from './mount-table.ts';
import { hasVolumeRoot, listComponent, readMountpoint } from './model.ts';
import {
  AGENT_LOCK,
  DYNAMIC_DIR,
  MOUNT_NAMESPACE,
  ROOT_VOLUME,
  SYSTEM_NAMESPACE,
} from './names.ts';
import type { Claim, Pod } from './objects.ts';
import type { Prober, Question } from './probe.ts';
import {
  countDescriptors,
  listBlockedThreads,
  readArguments,
  readEnvironment,
  type Process,
} from './processes.ts';
import type { ContainerView, NodeView, ProcessView } from './snapshot.ts';

interface Kubelet {
  node: string;
  pid: number;
}

const NAME_FLAG = '--hostname-override=';

/** A kubelet lives among the mounts of its node. */
export async function findKubelets(processes: readonly Process[]): Promise<Kubelet[]> {
  const found = await Promise.all(
    processes
      .filter(({ command }) => command === 'kubelet')
      .map(async ({ pid }) => {
        const flag = (await readArguments(pid)).find((text) => text.startsWith(NAME_FLAG));
        return { pid, node: flag?.slice(NAME_FLAG.length) ?? '' };
      }),
  );
  return found.filter(({ node }) => node !== '');
}

export async function observeNode({ node, pid }: Kubelet): Promise<NodeView> {
  const rows = await readMountTable(pid);
  const uncovered = findUncovered(rows, DYNAMIC_DIR);
  const view: NodeView = { name: node, rows, folders: [], files: [] };
  if (uncovered !== undefined) await listBelow(`/proc/${pid}/root${uncovered}`, '', view);
  return view;
}

/** Only folders beneath all mounts come here, so no storage is asked. */
async function listBelow(root: string, below: string, view: NodeView): Promise<void> {
  const entries = await readdir(path.join(root, below), { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const at = path.join(below, entry.name);
    const found = path.join(DYNAMIC_DIR, at);
    if (entry.isDirectory()) {
      view.folders.push(found);
      await listBelow(root, at, view);
    } else if (found !== AGENT_LOCK) view.files.push(found);
  }
}

async function readMountTable(pid: number): Promise<Row[]> {
  return parseMountTable(await readFile(`/proc/${pid}/mountinfo`, 'utf8').catch(() => ''));
}

/** How often the names in a folder are asked for, in looks; its attributes are asked for at each. */
const NAMES_EVERY = 12;

/** Looks into containers. */
export class ContainerObserver {
  readonly #prober: Prober;
  /** The look at which the names at a place were last asked for. */
  #asked = new Map<string, number>();
  #look = 0;

  constructor(prober: Prober) {
    this.#prober = prober;
  }

  async observe(
    pods: readonly Pod[],
    claims: readonly Claim[],
    processes: readonly Process[],
  ): Promise<ContainerView[]> {
    this.#look += 1;
    const firstOf = findFirstProcesses(processes);
    const views = pods.filter(hasVolumeRoot).flatMap((pod) =>
      listContainers(pod).map(async ({ name, containerId, rootPath }) => {
        const pid = firstOf.get(containerId);
        if (pid === undefined) return [];
        const rows = await readMountTable(pid);
        const answers = await this.#ask(pod, pid, rootPath, rows, claims);
        return [{ podUid: pod.metadata.uid, name, rootPath, rows, answers }];
      }),
    );
    return (await Promise.all(views)).flat();
  }

  async #ask(
    pod: Pod,
    pid: number,
    rootPath: string,
    rows: readonly Row[],
    claims: readonly Claim[],
  ): Promise<ContainerView['answers']> {
    const asked = rows.filter(isStorage).map(async ({ mountpoint, device }) => {
      const below = path.relative(rootPath, mountpoint);
      const claim = claims.find(
        (one) => one.metadata.namespace === pod.metadata.namespace && readMountpoint(one) === below,
      );
      const question = this.#choose(`${pid} ${mountpoint} ${device}`, claim);
      return [mountpoint, await this.#prober.ask(`/proc/${pid}/root${mountpoint}`, question)];
    });
    return Object.fromEntries(await Promise.all(asked)) as ContainerView['answers'];
  }

  /** A test's own server, known by an address for a name, may let answers wait on purpose. */
  #choose(place: string, claim: Claim | undefined): Question {
    const isOfStack = new URL(claim?.spec.s3Config.endpoint ?? 'http://none').hostname.endsWith(
      '.svc',
    );
    const since = this.#look - (this.#asked.get(place) ?? Number.NEGATIVE_INFINITY);
    if (!isOfStack || since < NAMES_EVERY) return 'attributes';
    this.#asked.set(place, this.#look);
    return 'names';
  }
}

/** Lowest process number of each container: its first process, unless numbers have begun anew. */
function findFirstProcesses(processes: readonly Process[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const { containerId, pid } of processes) {
    if (containerId && pid < (first.get(containerId) ?? Number.POSITIVE_INFINITY)) {
      first.set(containerId, pid);
    }
  }
  return first;
}

/** Running containers to which mounts below the volume root propagate. */
function listContainers(pod: Pod): { name: string; containerId: string; rootPath: string }[] {
  return pod.spec.containers.flatMap(({ name, volumeMounts = [] }) => {
    const mount = volumeMounts.find(
      (one) => one.name === ROOT_VOLUME && one.mountPropagation === 'HostToContainer',
    );
    const status = pod.status?.containerStatuses?.find((one) => one.name === name);
    const containerId = status?.containerID?.split('//')[1];
    if (!mount || !containerId || status?.state?.running === undefined) return [];
    return [{ name, containerId, rootPath: mount.mountPath.replace(/\/+$/, '') }];
  });
}

/** Processes of the product that must not hang or grow, and the kubelets. */
export async function observeProcesses(
  pods: readonly Pod[],
  kubelets: readonly Kubelet[],
  processes: readonly Process[],
): Promise<ProcessView[]> {
  const firstOf = findFirstProcesses(processes);
  const ofProduct = (['csi-node', 'controller', 'webhook'] as const).flatMap((role) =>
    listComponent(pods, role).flatMap(({ spec, status }) =>
      (status?.containerStatuses ?? []).flatMap(({ containerID = '' }) => {
        const pid = firstOf.get(containerID.split('//')[1] ?? '');
        return pid === undefined ? [] : [{ role, node: spec.nodeName ?? '', pid }];
      }),
    ),
  );
  const all = [
    ...ofProduct,
    ...kubelets.map((kubelet) => ({ role: 'kubelet' as const, ...kubelet })),
  ];
  return await Promise.all(
    all.map(async (one) => ({
      ...one,
      descriptors: await countDescriptors(one.pid),
      children: processes.filter(({ parent }) => parent === one.pid).length,
      blocked: await listBlockedThreads(one.pid),
    })),
  );
}

/** Arguments and environment of everything that runs in the product's pods. */
export async function observeProcessTexts(
  pods: readonly Pod[],
  processes: readonly Process[],
): Promise<Record<string, string>> {
  const ours = new Set(
    pods
      .filter(({ metadata }) =>
        [SYSTEM_NAMESPACE, MOUNT_NAMESPACE].includes(metadata.namespace ?? ''),
      )
      .map(({ metadata }) => metadata.uid),
  );
  const texts = processes
    .filter(({ podUid }) => podUid !== undefined && ours.has(podUid))
    .map(async ({ pid, command }) => [
      `${command} (${pid})`,
      `${(await readArguments(pid)).join(' ')}\n${await readEnvironment(pid)}`,
    ]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}
