// What can this kernel do?
import { VolumeError } from '../api/errors.ts';
import { makeDetachedMount, observeBeneathErrno, SystemCallError } from './syscalls.ts';

/** Features that newer kernels have; without one the agent takes another way. */
export interface KernelFeatures {
  /** MOVE_MOUNT_BENEATH (6.5): a mount is replaced without a gap. */
  moveMountBeneath: boolean;
}

/**
 * Finds out once, at start.
 *
 * @param off names of features that shall count as missing, for tests
 * @throws VolumeError `NODE_UNSUPPORTED` FUSE or the mount calls of kernel 5.15 are missing
 */
export function observeKernelFeatures(off: readonly string[]): KernelFeatures {
  try {
    using _control = makeDetachedMount('fusectl', { parameters: {}, flags: [], attributes: 0 });
  } catch (error) {
    if (!(error instanceof SystemCallError)) throw error;
    throw new VolumeError(
      'NODE_UNSUPPORTED',
      `This node cannot serve volumes: kernel 5.15 or newer with FUSE is needed (${error.message})`,
      { cause: error },
    );
  }
  const moveMountBeneath = observeBeneathErrno() === 'EBADF' && !off.includes('moveMountBeneath');
  return { moveMountBeneath };
}
