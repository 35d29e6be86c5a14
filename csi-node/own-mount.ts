// How does a directory become a mount of its own, with a peer group of its own?
import type { Descriptor } from './descriptor.ts';
import { findLayers, observeMounts } from './mountinfo.ts';
import {
  cloneMount,
  moveMount,
  openReference,
  PROPAGATION,
  setMountAttributes,
} from './syscalls.ts';

/**
 * Binds a directory on itself, as a new peer group.
 *
 * A plain bind would join the peer group of the file system around it, and every mount made below would appear a
 * third time, hidden. So the clone is taken out of that group while still detached. It is attached within a directory
 * that the host shares with us (Bidirectional), so the host receives a peer of it: what is mounted below reaches the
 * host and outlives this container.
 */
export function ensureOwnMount(path: string): void {
  if (findLayers(observeMounts(), path).length > 0) return;
  using place = openReference(path);
  using clone = cloneMount(place);
  setMountAttributes(clone, { propagation: PROPAGATION.private });
  setMountAttributes(clone, { propagation: PROPAGATION.shared });
  moveMount(clone, place);
}

/** Shows a mount at a second place, in the same peer group, with other flags. */
export function bindMount(mount: Descriptor, place: Descriptor, flags: number): void {
  using clone = cloneMount(mount);
  setMountAttributes(clone, { set: flags });
  moveMount(clone, place);
}
