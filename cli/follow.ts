// What changes in a collection while a person waits?
import { buildBackoffMs, sleep } from '../watch/backoff.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { isGone, KubernetesError } from '../watch/kubernetes-error.ts';
import type { KubernetesStatus } from '../watch/kubernetes-error.ts';
import { buildKey, ObjectStore } from '../watch/object-store.ts';
import type { KubernetesObject } from '../watch/object-store.ts';
import { listObjects } from './list-objects.ts';

const BACKOFF = { firstMs: 200, capMs: 5_000 };
/** About half a minute of tries; who is away longer is told of. */
const MAX_FAILURES = 10;
/** A watch that lived so long has ended what was wrong before. */
const SETTLED_MS = 30_000;
/** Statuses that no further try mends. */
const FINAL: readonly number[] = [401, 403, 404];
/** The server is asked to end each watch after this; one that outlives it by the margin is stalled. */
const WATCH_SECONDS = 60;
const WATCH_MARGIN_MS = 15_000;

/** An object that is new or changed, or the last that was known of one that is gone. */
export interface Change<T> {
  object: T;
  gone: boolean;
}

export interface FollowOptions {
  connection: KubernetesConnection;
  /** Path of the collection, without a query. */
  path: string;
  /** `labelSelector`, `fieldSelector`. */
  query?: Record<string, string>;
  /** Ends the generator; it does not throw then. */
  signal: AbortSignal;
  /** Told when the connection broke and is tried again. */
  onOutage?(error: unknown): void;
}

/**
 * Yields a batch with all objects that there are, `[]` if there are none, then a batch with each change. A watch that
 * breaks is made again, and what was missed meanwhile is told.
 *
 * @throws KubernetesError or a failure of the network: the first list failed, or the server was away for too long
 */
export async function* followObjects<T extends KubernetesObject>(
  options: FollowOptions,
): AsyncGenerator<Change<T>[], void> {
  const { signal } = options;
  const changes: Change<T>[] = [];
  const store = new ObjectStore<T>(
    (object) => object as T,
    (before, after) => changes.push(buildChange(before, after)),
  );
  let isFirst = true;
  for (let failures = 0; !signal.aborted;) {
    const startedMs = performance.now();
    try {
      const resourceVersion = await listInto(options, store);
      if (isFirst || changes.length > 0) yield changes.splice(0);
      isFirst = false;
      for await (const event of watchFrom(options, resourceVersion)) {
        takeIn(store, event);
        if (changes.length > 0) yield changes.splice(0);
      }
    } catch (error) {
      if (signal.aborted) return;
      failures = performance.now() - startedMs > SETTLED_MS ? 1 : failures + 1;
      if (isFirst || isFinal(error) || failures > MAX_FAILURES) throw error;
      if (failures === 1 && !isGone(error)) options.onOutage?.(error);
      await sleep(buildBackoffMs(BACKOFF, failures, Math.random()), signal);
    }
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof KubernetesError && FINAL.includes(error.status);
}

function buildChange<T>(before: T | undefined, after: T | undefined): Change<T> {
  return after === undefined ? { object: before as T, gone: true } : { object: after, gone: false };
}

async function listInto<T>(
  { connection, path, query, signal }: FollowOptions,
  store: ObjectStore<T>,
): Promise<string> {
  const found = await listObjects<KubernetesObject>(connection, path, query ?? {}, signal);
  for (const item of found.items) store.put(item);
  store.retain(new Set(found.items.map(buildKey)));
  return found.resourceVersion;
}

type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: KubernetesObject }
  | { type: 'ERROR'; object: KubernetesStatus };

/** Goes on from version to version for as long as the server ends its watches in order. */
async function* watchFrom(
  { connection, path, query, signal }: FollowOptions,
  resourceVersion: string,
): AsyncGenerator<WatchEvent, void> {
  let from = resourceVersion;
  while (!signal.aborted) {
    const search = new URLSearchParams({
      ...query,
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(WATCH_SECONDS),
      resourceVersion: from,
    });
    const deadline = AbortSignal.timeout(WATCH_SECONDS * 1_000 + WATCH_MARGIN_MS);
    const limit = AbortSignal.any([signal, deadline]);
    const startedMs = performance.now();
    for await (const line of connection.stream(`${path}?${search.toString()}`, limit)) {
      if (line === '') continue;
      const event = JSON.parse(line) as WatchEvent;
      if (event.type !== 'ERROR') from = event.object.metadata.resourceVersion;
      yield event;
    }
    // A proxy that ends watches at once must not make us spin.
    if (performance.now() - startedMs < BACKOFF.capMs) await sleep(BACKOFF.firstMs, signal);
  }
}

function takeIn<T>(store: ObjectStore<T>, event: WatchEvent): void {
  if (event.type === 'ERROR') {
    const { code, reason, message } = event.object;
    throw new KubernetesError(code ?? 0, reason ?? '', message ?? 'the watch ended with an error');
  }
  if (event.type === 'DELETED') store.remove(event.object);
  else if (event.type !== 'BOOKMARK') store.put(event.object);
}
