// What can this kernel do?
import { VolumeError } from '../api/errors.ts';
import { makeFuseMount } from './fuse.ts';
import { makeDetachedMount, observeBeneathErrno } from './syscalls.ts';

/** Features that newer kernels have; without one the agent takes another way. */
export interface KernelFeatures {
  /** MOVE_MOUNT_BENEATH (6.5): a mount is replaced without a gap. */
  moveMountBeneath: boolean;
}

/** Makes what a source needs, shown nowhere; it ends at once. */
function tryFuse(): void {
  using _control = makeDetachedMount('fusectl', { parameters: {}, flags: [], attributes: 0 });
  using _fuse = makeFuseMount('try');
}

/**
 * Finds out once, at start.
 *
 * @param off names of features that shall count as missing, for tests
 * @throws VolumeError `NODE_UNSUPPORTED` FUSE, its device or the mount calls of kernel 5.15 are missing
 */
export function observeKernelFeatures(off: readonly string[]): KernelFeatures {
  try {
    tryFuse();
  } catch (error) {
    throw new VolumeError(
      'NODE_UNSUPPORTED',
      `This node cannot serve volumes: kernel 5.15 or newer with /dev/fuse is needed, load its module fuse (${String(error)})`,
      { cause: error },
    );
  }
  const moveMountBeneath = observeBeneathErrno() === 'EBADF' && !off.includes('moveMountBeneath');
  return { moveMountBeneath };
}
