// How do changes in the cluster become looks at claims?
import type { Logger } from 'pino';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { findAffectedClaims } from './affected-claims.ts';
import type { LookReason } from './bridge.ts';
import { startCaches } from './caches.ts';
import type { Caches, ClusterChange } from './caches.ts';
import type { KubernetesConnection } from './kubernetes-connection.ts';
import type { WatchTiming } from './reflector.ts';
import type { WatchObserver } from './watch-observer.ts';

export interface ClaimWatcherOptions {
  connection: KubernetesConnection;
  /** The claim must look again. Must not throw. */
  onLook(claim: DynamicVolumeClaim, reason: LookReason): void;
  /**
   * Told of every change once the caches are complete, and once, without one, when they first are. Must not throw.
   */
  onChange?(change?: ClusterChange): void;
  log: Logger;
  timing?: WatchTiming;
  observer?: WatchObserver;
}

/**
 * Starts the caches and calls for a look at every claim once they are complete, at the claims that a later change
 * concerns, and at every claim again when the claims had to be listed anew. Ends when the signal aborts.
 */
export function startClaimWatcher(options: ClaimWatcherOptions, signal: AbortSignal): Caches {
  // Before all caches are complete a look would find half a cluster; after that every claim is looked at anyway.
  let complete = false;

  function lookAtAll(): void {
    for (const claim of caches.claims()) options.onLook(claim, {});
  }

  async function lookWhenComplete(): Promise<void> {
    await caches.synced;
    complete = true;
    lookAtAll();
    options.onChange?.();
  }

  function lookAtAffected(change: ClusterChange): void {
    if (!complete) return;
    const gone = change.kind === 'claim' && change.after === undefined ? change.before : undefined;
    for (const claim of findAffectedClaims(change, caches)) {
      options.onLook(claim, { vanished: claim === gone });
    }
    options.onChange?.(change);
  }

  const { connection, log, timing, observer } = options;
  const caches = startCaches(
    {
      connection,
      log,
      onChange: lookAtAffected,
      onClaimsListed: () => {
        if (complete) lookAtAll();
      },
      ...(timing === undefined ? {} : { timing }),
      ...(observer === undefined ? {} : { observer }),
    },
    signal,
  );
  void lookWhenComplete();
  return caches;
}
