// Which namespaces stand for the host, the agent's container, the mount pods and the workloads?
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { buildMountPodRunDir, KUBELET_DIR } from '../../api/paths.ts';
import { run, type Output, runOrFail, type Service, startService } from './processes.ts';

/** Where a workload sees its volume root. */
export const VOLUME_ROOT = '/run/volume';

/**
 * The host: its /var/lib is one shared file system, as the root of a real host is, so that /var/lib/dynamic and
 * /var/lib/kubelet belong to one peer group. Nothing of it is visible to the machine that runs the tests.
 */
const HOST_SCRIPT = `
set -e
mount -t tmpfs -o mode=755 lab-run /run
mount -t tmpfs -o mode=755 lab-var /var/lib
mount --make-shared /var/lib
mkdir -p /var/lib/dynamic /var/lib/kubelet/pods /run/mount ${VOLUME_ROOT}
echo ready
exec sleep infinity
`;

/** What a container runtime does at the end: the host's own tree is not in a container. */
const LEAVE_HOST = 'mount --make-rslave /var/lib; umount -l /var/lib';

/** The agent's container: its own root, and two Bidirectional host paths (rshared binds). */
const AGENT_SCRIPT = `
set -e
mkdir -p /run/root; mount --rbind / /run/root; mount --make-rslave /run/root
umount -l /run/root/var/lib; mount -t tmpfs lab-agent /run/root/var/lib
for name in dynamic kubelet; do
  mkdir /run/root/var/lib/$name; mount --rbind /var/lib/$name /run/root/var/lib/$name
done
${LEAVE_HOST}
exec chroot /run/root "$@"
`;

/** A mount pod: its emptyDir, a small /tmp, and no right at all. */
const MOUNT_POD_SCRIPT = `
set -e
mount --bind "$1" /run/mount
mkdir -p /run/tools /run/first /run/rclone
mount --bind "$2" /run/tools; mount --bind "$3" /run/first; mount --bind "$4" /run/rclone
cp "$5" /run/ca.crt; shift 5
mount -t tmpfs lab-tmp /tmp
${LEAVE_HOST}
exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs "$@"
`;

/** A workload's container: the target path, HostToContainer or with another propagation. */
const WORKLOAD_SCRIPT = `
set -e
mount --rbind "$1" ${VOLUME_ROOT}; mount "--make-$2" ${VOLUME_ROOT}
${LEAVE_HOST}
echo ready
exec sleep infinity
`;

/** Runs a program in a control group. */
const JOIN_GROUP = 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"';

/** A container of a workload pod. */
export interface Workload extends Service {
  containerId: string;
  /** Starts a program as `exec` does, and lets it run. */
  start(args: string[], ready: RegExp): Promise<Service>;
  /** Runs a program in its mount namespace, in the volume root, as a user (default root). */
  exec(args: string[], options?: { uid?: number; timeoutMs?: number }): Promise<Output>;
}

/** The lab's host and the containers on it. */
export class Host implements AsyncDisposable {
  readonly #holder: Service;

  private constructor(holder: Service) {
    this.#holder = holder;
  }

  static async start(): Promise<Host> {
    const args = ['--mount', '--propagation', 'private', 'sh', '-c', HOST_SCRIPT];
    return new Host(await startService('unshare', args, { ready: /ready/ }));
  }

  /** A host path as this process can reach it. */
  path(path: string): string {
    return `/proc/${this.#holder.pid}/root${path}`;
  }

  #enter(propagation: string, script: string, args: string[]): string[] {
    const target = ['--target', String(this.#holder.pid), '--mount'];
    const unshare = ['unshare', '--mount', '--propagation', propagation];
    return [...target, ...unshare, 'sh', '-c', script, 'sh', ...args];
  }

  /** Runs a program on the host. */
  exec(args: string[]): Promise<Output> {
    return run('nsenter', ['--target', String(this.#holder.pid), '--mount', ...args]);
  }

  /** Starts a program on the host, and lets it run. */
  start(args: string[], ready: RegExp): Promise<Service> {
    const entered = ['--target', String(this.#holder.pid), '--mount', ...args];
    return startService('nsenter', entered, { ready });
  }

  /** The host's mount table. */
  async mountinfo(): Promise<string> {
    return (await this.exec(['cat', '/proc/self/mountinfo'])).stdout;
  }

  startAgent(args: string[], env: NodeJS.ProcessEnv): Promise<Service> {
    const entered = this.#enter('unchanged', AGENT_SCRIPT, args);
    return startService('nsenter', entered, { env, ready: /Started node agent/ });
  }

  /** Makes a pod's emptyDir as the kubelet does, before anything runs in it. */
  async makeMountPodRunDir(uid: string): Promise<string> {
    const runDir = buildMountPodRunDir(uid, KUBELET_DIR);
    await runOrFail('nsenter', [
      ...['--target', String(this.#holder.pid), '--mount'],
      ...['sh', '-c', `mkdir -p "$1" && chmod 2777 "$1" && chgrp 65534 "$1"`, 'sh', runDir],
    ]);
    return runDir;
  }

  async startMountPod(
    uid: string,
    options: { tools: string; first: string; rcloneDir: string; authority: string; args: string[] },
  ): Promise<Service> {
    const runDir = await this.makeMountPodRunDir(uid);
    const { tools, first, rcloneDir, authority } = options;
    const command = ['/run/tools/mount-pod', ...options.args];
    const args = [runDir, tools, first, rcloneDir, authority, ...command];
    const entered = this.#enter('slave', MOUNT_POD_SCRIPT, args);
    const env = {
      PATH: '/run/first:/run/tools:/run/rclone:/usr/bin:/bin:/usr/sbin:/sbin',
      HOME: '/tmp',
      SSL_CERT_FILE: '/run/ca.crt',
    };
    return startService('nsenter', entered, { env });
  }

  /** A container of a workload; `group` is the folder of its control group. */
  async startWorkload(container: {
    targetPath: string;
    propagation: string;
    group: string;
  }): Promise<Omit<Workload, 'containerId'>> {
    const { targetPath, propagation, group } = container;
    const join = ['-c', JOIN_GROUP, 'sh', group, 'nsenter'];
    const entered = this.#enter('unchanged', WORKLOAD_SCRIPT, [targetPath, propagation]);
    const service = await startService('sh', [...join, ...entered], { ready: /ready/ });
    const inside = [...join, '--target', String(service.pid), '--mount'];
    const shell = [...inside, 'sh', '-c', `cd ${VOLUME_ROOT} && exec "$@"`, 'sh'];
    return {
      ...service,
      start: (args, ready) => startService('sh', [...shell, ...args], { ready }),
      exec(args, options = {}) {
        const uid = String(options.uid ?? 0);
        const user = ['setpriv', '--reuid', uid, '--regid', uid, '--clear-groups'];
        return run('sh', [...shell, ...user, ...args], options.timeoutMs);
      },
    };
  }

  /** Makes a directory on the host. */
  makeDirectory(path: string): void {
    mkdirSync(this.path(path), { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#holder.child, 'exit');
    this.#holder.child.kill('SIGKILL');
    await ended;
  }
}
