// What can a cluster test do with a workload pod, and see in it?
import { GROUP, POD_ANNOTATIONS } from '../../api/names.ts';
import { parseSharingKey } from '../../api/node-agent.ts';
import { workloadPid } from '../../deploy/stack/pod-processes.ts';
import { readMounts } from '../../deploy/demo/reader.ts';
import { waitUntil } from '../wait-until.ts';
import { find, list, mergePatch, remove, removeAndWait, waitFor } from './kube.ts';
import type { AnyObject, Ref } from './kube.ts';
import { IMAGE, READY_MS, ROOT_PATH } from './names.ts';
import { run, runOk, type Outcome } from './programs.ts';

export interface PodOptions {
  name?: string;
  namespace?: string;
  labels?: Record<string, string>;
  className?: string;
  annotated?: boolean;
  rootPath?: string;
  dispatchPolicy?: 'independent' | 'shared';
  /** Beside those that the options above make. */
  annotations?: Record<string, string>;
  nodeName?: string;
  securityContext?: Record<string, unknown>;
  command?: string[];
  /** Over the fields of the usual spec. */
  spec?: Record<string, unknown>;
}

/** A pod that sleeps, unless its options say otherwise. */
export function buildPod(
  name: string,
  defaults: { namespace: string; className: string },
  options: PodOptions,
): AnyObject {
  const { securityContext, nodeName } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: options.namespace ?? defaults.namespace,
      labels: options.labels ?? { app: 'web' },
      annotations: buildAnnotations(defaults, options),
    },
    spec: {
      terminationGracePeriodSeconds: 0,
      ...(nodeName ? { nodeName } : {}),
      containers: [
        {
          ...buildContainer('app', options.command),
          ...(securityContext ? { securityContext } : {}),
        },
      ],
      ...options.spec,
    },
  };
}

/** A container that sleeps, unless it is given something to do. */
export function buildContainer(name: string, command = ['sleep', 'infinity']): AnyObject {
  return { name, image: IMAGE, command };
}

function buildAnnotations(
  defaults: { className: string },
  options: PodOptions,
): Record<string, string> {
  if (options.annotated === false) return { ...options.annotations };
  return {
    [POD_ANNOTATIONS.className]: options.className ?? defaults.className,
    [POD_ANNOTATIONS.rootPath]: options.rootPath ?? ROOT_PATH,
    ...(options.dispatchPolicy ? { [POD_ANNOTATIONS.dispatchPolicy]: options.dispatchPolicy } : {}),
    ...options.annotations,
  };
}

/** A FUSE mount as the container sees it (proc_pid_mountinfo(5)). */
export interface SeenMount {
  /** Another one means that something else was mounted there. */
  id: string;
  mountpoint: string;
  /** `major:minor`: each source has one of its own. */
  device: string;
  sourceKey: string;
  options: string[];
}

/** A workload pod. */
export class Pod {
  readonly ref: Ref;
  readonly uid: string;

  constructor(object: AnyObject) {
    const { name, namespace, uid } = object.metadata ?? {};
    const metadata = { name: String(name), namespace: String(namespace) };
    this.ref = { apiVersion: 'v1', kind: 'Pod', metadata };
    this.uid = String(uid);
  }

  get name(): string {
    return this.ref.metadata.name;
  }

  async waitRunning(): Promise<void> {
    await waitFor(
      this.ref,
      'runs',
      (pod) => pod.status?.containerStatuses?.[0]?.state?.running !== undefined,
      READY_MS,
    );
  }

  /** Whether this very pod, not another one of its name, still exists. */
  async exists(): Promise<boolean> {
    return (await find(this.ref))?.metadata?.uid === this.uid;
  }

  async spec(): Promise<AnyObject> {
    return (await find(this.ref))?.spec as AnyObject;
  }

  /** Runs a shell line inside a container, the first one when none is named. */
  async shell(line: string, container?: string): Promise<Outcome> {
    return await run('kubectl', [
      'exec',
      `--namespace=${this.ref.metadata.namespace}`,
      this.name,
      ...(container ? [`--container=${container}`] : []),
      '--',
      'sh',
      '-c',
      line,
    ]);
  }

  /** Runs a shell line that must succeed; its output. */
  async shellOk(line: string, container?: string): Promise<string> {
    const outcome = await this.shell(line, container);
    if (outcome.status === 0) return outcome.stdout;
    throw new Error(`"${line}" in ${this.name} ended with ${outcome.status}: ${outcome.stderr}`);
  }

  /** FUSE mounts as the pod's first process sees them. */
  async seenMounts(): Promise<SeenMount[]> {
    const lines = (await readMounts(this.uid)).split('\n');
    return lines.filter((line) => line.includes(' - fuse')).map(parseSeenMount);
  }

  /** Mountpoints of FUSE mounts as the container itself sees them. */
  async fuseMounts(): Promise<string[]> {
    return (await this.seenMounts()).map(({ mountpoint }) => mountpoint);
  }

  /** What serves at a mountpoint below the volume root. */
  async seenMount(mountpoint: string): Promise<SeenMount> {
    const path = `${ROOT_PATH}/${mountpoint}`;
    const found = (await this.seenMounts()).findLast((mount) => mount.mountpoint === path);
    if (!found) throw new Error(`Nothing is mounted at ${path} of ${this.name}`);
    return found;
  }

  async sharingKey(mountpoint: string): Promise<string> {
    return parseSharingKey((await this.seenMount(mountpoint)).sourceKey);
  }

  async waitMounts(mountpoints: string[], timeoutMs = READY_MS): Promise<void> {
    const wanted = mountpoints.map((mountpoint) => `${ROOT_PATH}/${mountpoint}`).sort();
    let seen: string[] = [];
    await waitUntil(
      `${this.name} sees [${wanted.join(', ')}]`,
      async () => {
        seen = (await this.fuseMounts()).sort();
        return seen.join() === wanted.join();
      },
      timeoutMs,
      () => seen.join(', '),
    );
  }

  /** Waits until another source than that of this device serves at a mountpoint. */
  async waitFreshMount(mountpoint: string, device: string, timeoutMs = READY_MS): Promise<void> {
    await waitUntil(
      `${this.name} sees a fresh source at ${mountpoint}`,
      async () => (await this.seenMount(mountpoint)).device !== device,
      timeoutMs,
    );
  }

  /** A path of the container, for programs of the tests themselves. */
  async outsidePath(path: string): Promise<string> {
    return `/proc/${await workloadPid(this.uid)}/root${path}`;
  }

  /** Sets labels; null takes one away. */
  async label(labels: Record<string, string | null>): Promise<void> {
    await mergePatch(this.ref, { metadata: { labels } });
  }

  /** Restart count and container id: unchanged means that the container is the same. */
  async identity(): Promise<string> {
    const pod = await find(this.ref);
    const status = pod?.status?.containerStatuses?.[0];
    return JSON.stringify([pod?.metadata?.uid, status?.containerID, status?.restartCount]);
  }

  /** Asks for the deletion without waiting. */
  async remove(): Promise<void> {
    await remove(this.ref);
  }

  async delete(): Promise<void> {
    await removeAndWait(this.ref);
  }

  /** Takes the object away at once, while the kubelet is still at work. */
  async deleteByForce(): Promise<void> {
    const { namespace = '' } = this.ref.metadata;
    const how = ['--grace-period=0', '--force', '--ignore-not-found'];
    await runOk('kubectl', ['delete', 'pod', '-n', namespace, this.name, ...how]);
  }

  /** Mount pods that serve this pod alone. */
  async mountPods(): Promise<AnyObject[]> {
    return await list('v1', 'Pod', 'dynvol-mounts', `${GROUP}/workload-pod-uid=${this.uid}`);
  }

  async waitNoMountPods(): Promise<void> {
    await waitUntil(
      `no mount pod of ${this.name} is left`,
      async () => (await this.mountPods()).length === 0,
    );
  }
}

function parseSeenMount(line: string): SeenMount {
  const [left = '', right = ''] = line.split(' - ');
  const [id = '', , device = '', , mountpoint = '', options = ''] = left.split(' ');
  return {
    id,
    mountpoint,
    device,
    sourceKey: right.split(' ')[1] ?? '',
    options: options.split(','),
  };
}
