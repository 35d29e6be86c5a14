// How is a FUSE mount made before anything serves or shows it, and how is a hung one ended?
import { openSync, readFileSync, writeSync } from 'node:fs';
import { Descriptor } from './descriptor.ts';
import {
  ATTRIBUTE,
  hasErrno,
  makeDetachedMount,
  openBelow,
  openForWriting,
  RESOLVE,
} from './syscalls.ts';

/** Type of our mounts in the mount table. */
export const FUSE_TYPE = 'fuse.rclone';

/** A mount that hangs in no tree yet, and the descriptor by which a daemon serves it. */
export interface DetachedFuseMount extends Disposable {
  mount: Descriptor;
  device: Descriptor;
}

/**
 * Makes a detached FUSE mount. Its `source` in the mount table is the source key and nothing else.
 *
 * `allow_other` lets the workload's users in, whoever they are. Without `default_permissions` the kernel leaves
 * permissions to the daemon, and rclone makes no difference between users: all may read and write (a read-only claim
 * is the clone's flag, not a permission). With it, every user but the owner that rclone reports would fail at
 * `tar x`, `cp -p` and `chmod`, which change times and modes. The known danger of leaving it out, one user's
 * permission check being reused for another (libfuse issue 15), needs a daemon that tells users apart.
 */
export function makeFuseMount(sourceKey: string): DetachedFuseMount {
  const device = new Descriptor(openSync('/dev/fuse', 'r+'));
  try {
    const mount = makeDetachedMount('fuse', {
      parameters: {
        source: sourceKey,
        subtype: 'rclone',
        fd: String(device.fd),
        rootmode: '40000',
        user_id: '0',
        group_id: '0',
      },
      flags: ['allow_other'],
      attributes: ATTRIBUTE.noSuid | ATTRIBUTE.noDev,
    });
    const dispose = () => [mount, device].forEach((file) => file[Symbol.dispose]());
    return { mount, device, [Symbol.dispose]: dispose };
  } catch (error) {
    device[Symbol.dispose]();
    throw error;
  }
}

let control: Descriptor | undefined;

/** The kernel's folder of FUSE connections (filesystems/fuse: control filesystem). It need not be mounted anywhere. */
function openControl(): Descriptor {
  control ??= makeDetachedMount('fusectl', { parameters: {}, flags: [], attributes: 0 });
  return control;
}

/**
 * Counts the requests of a FUSE connection that its daemon has not answered; 0 for one that is gone.
 *
 * @param deviceMinor of the mount; it names the connection
 */
export function observeWaitingRequests(deviceMinor: number): number {
  try {
    using file = openBelow(openControl(), `${deviceMinor}/waiting`, RESOLVE.noSymlinks);
    return Number(readFileSync(file.path, 'utf8'));
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 0;
    throw error;
  }
}

/** The number that names the FUSE connection of a mount, from its row's device. */
export function parseDeviceMinor(device: string): number {
  return Number(device.split(':')[1]);
}

/**
 * Ends a FUSE connection: everything that waits for its daemon fails at once with ECONNABORTED. One that is gone is fine.
 *
 * @param deviceMinor of the mount; it names the connection
 */
export function abortFuseConnection(deviceMinor: number): void {
  try {
    using file = openForWriting(openControl(), `${deviceMinor}/abort`);
    writeSync(file.fd, '1');
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}
