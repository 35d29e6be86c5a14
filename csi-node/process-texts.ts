// What do the texts of /proc say about a process? (pure; proc(5), cgroups(7))

/** A container as the container runtime and the kubelet name it. */
export interface ContainerRef {
  podUid: string;
  containerId: string;
}

/**
 * A pod's group and a container's within it. The kubelet's cgroupfs driver writes `pod<uid>/<id>`; its systemd driver
 * `kubepods-burstable-pod<uid>.slice/cri-containerd-<id>.scope` with the dashes of the UID as underscores.
 */
const POD_AND_CONTAINER =
  /[/-]pod([0-9a-f]{8}(?:[-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12})(?:\.slice)?\/(?:[a-z-]+-)?([0-9a-f]{64})(?:\.scope)?(?:\/|$)/m;

/**
 * Parses a cgroup file of version 1 or 2: the container that the process runs in, or undefined outside of pods.
 * @see kubernetes pkg/kubelet/cm/pod_container_manager_linux.go, GetPodContainerNameAndPodUID
 */
export function parseContainer(cgroup: string): ContainerRef | undefined {
  const [, uid, containerId] = POD_AND_CONTAINER.exec(cgroup) ?? [];
  if (uid === undefined || containerId === undefined) return undefined;
  return { podUid: uid.replaceAll('_', '-'), containerId };
}

const MAX_READABLE = 256;

/**
 * Makes a name that a workload chose fit for a sentence: it may hold line ends, terminal escapes, and be as long as a
 * path can be. What is cut off is its beginning.
 */
export function buildReadable(name: string): string {
  const printable = name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
  return printable.length > MAX_READABLE ? `…${printable.slice(1 - MAX_READABLE)}` : printable;
}

/** Parses a file of `fdinfo`: the mount that the open file belongs to. */
export function parseMountId(fdinfo: string): number | undefined {
  const id = /^mnt_id:\s*(\d+)$/m.exec(fdinfo)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** Parses a `stat` file: does the task wait without being interruptible? Its name may hold anything, also `) D`. */
export function isUninterruptible(stat: string): boolean {
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('D');
}

function parseHexDevice(text: string): string {
  return text
    .split(':')
    .map((part) => Number.parseInt(part, 16))
    .join(':');
}

/** Parses a `maps` file: paths of the mapped files of one device (`major:minor`), each once. */
export function parseMappedFiles(maps: string, device: string): string[] {
  const paths = maps.split('\n').flatMap((line) => {
    const [, found, path] = /^\S+ \S+ \S+ ([0-9a-f]+:[0-9a-f]+) \d+ +(\/.*)$/.exec(line) ?? [];
    if (found === undefined || path === undefined) return [];
    return parseHexDevice(found) === device ? [path] : [];
  });
  return [...new Set(paths)];
}
