// How does a source become visible at a mountpoint of a pod that is already running?
import { VolumeError } from '../api/errors.ts';
import type { AttachTarget } from '../api/node-agent.ts';
import { type AttachStep, planAttach } from './attach-plan.ts';
import type { Descriptor } from './descriptor.ts';
import { reach } from './failpoints.ts';
import type { KernelFeatures } from './kernel-features.ts';
import { type MountRow, observeMounts } from './mountinfo.ts';
import { checkEmpty, ensurePlace } from './place.ts';
import {
  ATTRIBUTE,
  cloneMount,
  moveMount,
  openBelow,
  openReference,
  PROPAGATION,
  RESOLVE,
  setMountAttributes,
  unmount,
} from './syscalls.ts';

const MAX_STEPS = 8;

/**
 * Can this target take the source at all? Asked before the source is made.
 *
 * @throws VolumeError `VOLUME_ROOT_MISSING` or `MOUNTPOINT_OCCUPIED`
 */
export function checkAttachable(mounts: MountRow[], target: AttachTarget, sourceKey: string): void {
  checkStep(planAttach(mounts, target, { key: sourceKey, device: '' }));
}

function checkStep(step: AttachStep): void {
  if (step.kind === 'occupied') throw new VolumeError('MOUNTPOINT_OCCUPIED', step.message);
  if (step.kind === 'volumeRootMissing') throw new VolumeError('VOLUME_ROOT_MISSING', step.message);
}

/**
 * A copy of the parked mount with a claim's flags. Private, because a clone that stayed the parked mount's peer would
 * get what happens to it; it joins a new peer group, that of its place, when it is attached.
 */
function cloneForPod(staged: MountRow, readOnly: boolean): Descriptor {
  using mount = openReference(staged.mountpoint);
  const clone = cloneMount(mount);
  const set = ATTRIBUTE.noSuid | ATTRIBUTE.noDev | (readOnly ? ATTRIBUTE.readOnly : 0);
  setMountAttributes(clone, { set, propagation: PROPAGATION.private });
  reach('attach: parked mount cloned');
  return clone;
}

function attach(volumeRoot: string, target: AttachTarget, clone: Descriptor): void {
  using root = openReference(volumeRoot);
  using place = ensurePlace(root, target.mountpoint);
  checkEmpty(place, target.mountpoint);
  reach('attach: mountpoint made');
  moveMount(clone, place);
  reach('attach: shown to the pod');
}

/** Puts the new mount below the old one and takes the old top away: there is never a moment without a mount. */
function swapBeneath(volumeRoot: string, target: AttachTarget, clone: Descriptor): void {
  using root = openReference(volumeRoot);
  using top = openBelow(root, target.mountpoint, RESOLVE.noSymlinks);
  moveMount(clone, top, { beneath: true });
  reach('swap: new mount beneath');
  unmount(`${volumeRoot}/${target.mountpoint}`, { lazy: true });
  reach('swap: old mount gone');
}

/** Before kernel 6.5. The gap shows an empty directory of the read-only volume root, where no write can land. */
function swapWithGap(volumeRoot: string, target: AttachTarget, clone: Descriptor): void {
  unmount(`${volumeRoot}/${target.mountpoint}`, { lazy: true });
  reach('swap: old mount gone before the new one came');
  attach(volumeRoot, target, clone);
}

/**
 * Makes a parked source visible at one target. Does nothing if it is there with the right flags. It never waits, so
 * nothing else happens in between; the caller holds the locks of the source and the pod.
 *
 * @throws VolumeError `VOLUME_ROOT_MISSING`, `MOUNTPOINT_OCCUPIED` or `MOUNTPOINT_UNUSABLE`
 */
export function ensureAttached(
  features: KernelFeatures,
  staged: MountRow,
  target: AttachTarget,
): void {
  const source = { key: staged.source, device: staged.device };
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const step = planAttach(observeMounts(), target, source);
    checkStep(step);
    switch (step.kind) {
      case 'nothing':
      case 'occupied':
      case 'volumeRootMissing':
        return;
      case 'finishSwap':
        unmount(`${step.volumeRoot}/${target.mountpoint}`, { lazy: true });
        reach('swap: interrupted one finished');
        break;
      case 'attach': {
        using clone = cloneForPod(staged, target.readOnly);
        return attach(step.volumeRoot, target, clone);
      }
      case 'swap': {
        using clone = cloneForPod(staged, target.readOnly);
        const swap = features.moveMountBeneath ? swapBeneath : swapWithGap;
        return swap(step.volumeRoot, target, clone);
      }
    }
  }
  throw new VolumeError('INTERNAL', `Mountpoint ${target.mountpoint} has too many layers`);
}
