// What exists in the cluster right now, and what has just changed?
import type { Logger } from 'pino';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';
import type { ClusterView, PodView } from './cluster-view.ts';
import type { KubernetesConnection } from './kubernetes-connection.ts';
import { PATHS } from './kubernetes.ts';
import { NamespacedIndex } from './namespaced-index.ts';
import { PodIndex } from './pod-index.ts';
import { projectClaim, projectClass, projectPod } from './projections.ts';
import { runReflector } from './reflector.ts';
import type { WatchTiming } from './reflector.ts';
import { listSecrets, SecretWatches } from './secret-watches.ts';
import type { SecretRef } from './secret-watches.ts';
import type { WatchKind, WatchObserver } from './watch-observer.ts';

/** One object before and after; `before` is undefined for a new one, `after` for one that is gone. */
export type ClusterChange =
  | { kind: 'claim'; before: DynamicVolumeClaim | undefined; after: DynamicVolumeClaim | undefined }
  | {
      kind: 'class';
      before: StorageProviderClass | undefined;
      after: StorageProviderClass | undefined;
    }
  | { kind: 'pod'; before: PodView | undefined; after: PodView | undefined }
  /** Its version is another one, or it is gone. */
  | { kind: 'secret'; secret: SecretRef };

/** What the bridge looks up. */
export type ClaimIndex = Pick<
  ClusterView,
  'claims' | 'claimsIn' | 'podsIn' | 'podByUid' | 'storageProviderClasses'
>;

export interface Caches extends ClusterView {
  /** Resolves when every watch has ended after the abort. */
  stopped: Promise<void>;
}

export interface CachesOptions {
  connection: KubernetesConnection;
  /** Told of each change once the caches have it. Must not throw. */
  onChange(change: ClusterChange): void;
  /** A complete list of all claims is in. */
  onClaimsListed(): void;
  log: Logger;
  timing?: WatchTiming;
  observer?: WatchObserver;
}

/** How long Secrets may hold up a start: what is not listed by then is read when it is needed. */
const SECRETS_WAIT_MS = 2_000;

/**
 * Starts to watch claims, classes and pods of all namespaces, and the Secrets that classes name, until the signal
 * aborts.
 */
export function startCaches(options: CachesOptions, signal: AbortSignal): Caches {
  const claims = new NamespacedIndex<DynamicVolumeClaim>();
  const classes = new Map<string, StorageProviderClass>();
  const pods = new PodIndex();
  const { connection, log, timing, observer } = options;
  const secrets = new SecretWatches(
    {
      connection,
      log,
      onChange: (secret) => options.onChange({ kind: 'secret', secret }),
      ...(timing === undefined ? {} : { timing }),
      ...(observer === undefined ? {} : { observer }),
    },
    signal,
  );

  const watches = [
    startWatch(options, signal, {
      kind: 'claims',
      path: PATHS.claims,
      project: projectClaim,
      onListed: options.onClaimsListed,
      onChange(before, after) {
        if (before !== undefined) claims.delete(before.metadata.namespace, before.metadata.name);
        if (after !== undefined) claims.set(after.metadata.namespace, after.metadata.name, after);
        options.onChange({ kind: 'claim', before, after });
      },
    }),
    startWatch(options, signal, {
      kind: 'classes',
      path: PATHS.classes,
      project: projectClass,
      onChange(before, after) {
        if (before !== undefined) classes.delete(before.metadata.name);
        if (after !== undefined) classes.set(after.metadata.name, after);
        secrets.follow(listSecrets(classes.values()));
        options.onChange({ kind: 'class', before, after });
      },
    }),
    startWatch(options, signal, {
      kind: 'pods',
      path: PATHS.pods,
      project: projectPod,
      onChange(before, after) {
        pods.replace(before, after);
        options.onChange({ kind: 'pod', before, after });
      },
    }),
  ];

  return {
    synced: Promise.all(watches.map((watch) => watch.listed)).then(() =>
      secrets.listed(SECRETS_WAIT_MS),
    ),
    stopped: Promise.all(watches.map((watch) => watch.ended)).then(() => secrets.stopped()),
    claim: (namespace, name) => claims.get(namespace, name),
    claims: () => claims.all(),
    claimsIn: (namespace) => claims.in(namespace),
    storageProviderClass: (name) => classes.get(name),
    storageProviderClasses: () => [...classes.values()],
    secretVersion: (namespace, name) => secrets.version({ namespace, name }),
    podsIn: (namespace) => pods.in(namespace),
    pods: () => pods.all(),
    podByUid: (uid) => pods.byUid(uid),
    mountPods: (sharingKey) => pods.mountPods(sharingKey),
    agentAddress: (nodeName) => pods.agentAddress(nodeName),
    agentNodes: () => pods.agentNodes(),
  };
}

interface Watched<T> {
  kind: WatchKind;
  path: string;
  project(object: unknown): T;
  onChange(before: T | undefined, after: T | undefined): void;
  onListed?(): void;
}

function startWatch<T>(
  options: CachesOptions,
  signal: AbortSignal,
  watched: Watched<T>,
): { listed: Promise<void>; ended: Promise<void> } {
  const { connection, log, timing, observer } = options;
  const listed = Promise.withResolvers<void>();
  const onListed = (): void => {
    listed.resolve();
    watched.onListed?.();
  };
  const ended = runReflector(
    {
      connection,
      log,
      ...watched,
      onListed,
      ...(timing === undefined ? {} : { timing }),
      ...(observer === undefined ? {} : { observer }),
    },
    signal,
  );
  return { listed: listed.promise, ended };
}
