// How does a collection of Kubernetes objects get into memory and stay current?
import type { Logger } from 'pino';
import { isNewerVersion } from '../api/resource-version.ts';
import { buildBackoffMs, sleep } from './backoff.ts';
import { METADATA_LIST, METADATA_ONLY } from './kubernetes-connection.ts';
import type { KubernetesConnection } from './kubernetes-connection.ts';
import { isGone, KubernetesError } from './kubernetes-error.ts';
import type { KubernetesStatus } from './kubernetes-error.ts';
import { buildKey, ObjectStore } from './object-store.ts';
import type { ChangeListener, KubernetesObject } from './object-store.ts';
import type { WatchKind, WatchObserver } from './watch-observer.ts';

const PAGE_SIZE = 500;
/** A million objects; only a server that repeats itself has more. */
const MAX_PAGES = 2_000;
/** A watch that ends sooner and brought nothing counts as a failure, or an odd proxy would make us spin. */
const SHORTEST_WATCH_MS = 1_000;
/** A short cap: three requests every 2 s burden nobody, and an API server that is back is noticed soon. */
const BACKOFF = { firstMs: 100, capMs: 2_000 };

/** How long a watch may live; a half-open connection is noticed after the sum of both. */
export interface WatchTiming {
  /** The server is asked to end each watch after this, or up to half as long again. */
  watchSeconds: number;
  /** A watch that outlives that by so much is stalled. */
  marginMs: number;
}

const DEFAULT_TIMING: WatchTiming = { watchSeconds: 60, marginMs: 15_000 };

export interface ReflectorOptions<T> {
  connection: KubernetesConnection;
  kind: WatchKind;
  observer?: WatchObserver;
  /** Path of the collection, without a query. */
  path: string;
  /** Takes in only objects with these fields, as `metadata.name=keys`; all of them when absent. */
  fieldSelector?: string;
  /** Takes in nothing but metadata; the rest of an object never leaves the server. */
  metadataOnly?: boolean;
  /** Keeps of an object what is needed. */
  project(object: unknown): T;
  onChange: ChangeListener<T>;
  /** A complete list is in; called at first and after each loss of the watch's position. */
  onListed(): void;
  log: Logger;
  timing?: WatchTiming;
}

type State = { kind: 'list' } | { kind: 'check' | 'watch'; resourceVersion: string };

interface Step {
  next: State;
  outcome: 'success' | 'failure' | 'gone';
  /** What ended the step, if anything did. */
  error?: unknown;
}

const FAILED: Record<State['kind'], string> = {
  list: 'List failed',
  check: 'State of the API server could not be read',
  watch: 'Watch broke off',
};

/**
 * Lists, then watches from there with bookmarks, and lists again when the server has forgotten the position (410), has
 * never been there (its database was restored from a backup) or the connection went silent. No error ends it: it tries again with back-off until the signal aborts. Never rejects.
 */
export async function runReflector<T>(
  options: ReflectorOptions<T>,
  signal: AbortSignal,
): Promise<void> {
  const store = new ObjectStore(options.project, options.onChange);
  let state: State = { kind: 'list' };
  // Counted apart: a list that succeeds says nothing about watches, and a lost position is no outage.
  const failures = { list: 0, check: 0, watch: 0, gone: 0 };
  while (!signal.aborted) {
    const step: Step = await takeStep(options, store, state, signal);
    if (step.error !== undefined && !signal.aborted) options.observer?.failed(options.kind);
    // Told when it begins, not every two seconds of an outage.
    if (step.error !== undefined && failures[state.kind] === 0 && !signal.aborted) {
      options.log.warn({ err: step.error, path: options.path }, FAILED[state.kind]);
    }
    if (step.outcome === 'success') {
      failures[state.kind] = 0;
      if (state.kind === 'watch') failures.gone = 0;
    } else {
      const row = step.outcome === 'gone' ? 'gone' : state.kind;
      failures[row] += 1;
      await sleep(buildBackoffMs(BACKOFF, failures[row], Math.random()), signal);
    }
    state = step.next;
  }
}

function takeStep<T>(
  options: ReflectorOptions<T>,
  store: ObjectStore<T>,
  state: State,
  signal: AbortSignal,
): Promise<Step> {
  if (state.kind === 'list') return listStep(options, store, signal);
  const { resourceVersion } = state;
  if (state.kind === 'check') return checkStep(options, resourceVersion, signal);
  return watchStep(options, store, resourceVersion, signal);
}

async function listStep<T>(
  options: ReflectorOptions<T>,
  store: ObjectStore<T>,
  signal: AbortSignal,
): Promise<Step> {
  try {
    const resourceVersion = await list(options, store, signal);
    options.onListed();
    options.observer?.listed(options.kind);
    return { next: { kind: 'watch', resourceVersion }, outcome: 'success' };
  } catch (error) {
    return { next: { kind: 'list' }, outcome: 'failure', error };
  }
}

/**
 * Has the server been where a watch broke off? A watch from a version that is still to come is silent until it comes,
 * and never tells what a restored database lacks.
 */
async function checkStep<T>(
  options: ReflectorOptions<T>,
  resourceVersion: string,
  signal: AbortSignal,
): Promise<Step> {
  const position: State = { kind: 'watch', resourceVersion };
  try {
    const { metadata } = await readPage(options, 'limit=1', signal);
    const isAhead = isNewerVersion(resourceVersion, metadata.resourceVersion);
    if (isAhead) options.log.warn({ path: options.path }, 'The API server is at an older state');
    return { next: isAhead ? { kind: 'list' } : position, outcome: 'success' };
  } catch (error) {
    return { next: { kind: 'check', resourceVersion }, outcome: 'failure', error };
  }
}

function readPage<T>(
  options: ReflectorOptions<T>,
  query: string,
  signal: AbortSignal,
): Promise<ListAnswer> {
  const request = {
    method: 'GET' as const,
    path: buildPath(options, query),
    ...(options.metadataOnly ? { accept: METADATA_LIST } : {}),
  };
  return options.connection.send(request, signal) as Promise<ListAnswer>;
}

/** Pages go into the store as they come; what is gone leaves it when the list is complete. */
async function list<T>(
  options: ReflectorOptions<T>,
  store: ObjectStore<T>,
  signal: AbortSignal,
): Promise<string> {
  const listed = new Set<string>();
  let token = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = `limit=${PAGE_SIZE}${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`;
    const answer = await readPage(options, query, signal);
    for (const object of answer.items ?? []) {
      listed.add(buildKey(object));
      put(options, store, object);
    }
    token = answer.metadata.continue ?? '';
    if (token !== '') continue;
    store.retain(listed);
    return answer.metadata.resourceVersion;
  }
  throw new Error(`The list has more than ${MAX_PAGES} pages`);
}

function buildPath(
  { path, fieldSelector }: Pick<ReflectorOptions<unknown>, 'path' | 'fieldSelector'>,
  query: string,
): string {
  const fields = fieldSelector ? `&fieldSelector=${encodeURIComponent(fieldSelector)}` : '';
  return `${path}?${query}${fields}`;
}

interface ListAnswer {
  metadata: { resourceVersion: string; continue?: string };
  /** null, and not an empty array, where only metadata was asked for and there is none. */
  items: KubernetesObject[] | null;
}

async function watchStep<T>(
  options: ReflectorOptions<T>,
  store: ObjectStore<T>,
  resourceVersion: string,
  signal: AbortSignal,
): Promise<Step> {
  const timing = options.timing ?? DEFAULT_TIMING;
  const seconds = Math.round(timing.watchSeconds * (1 + Math.random() / 2));
  const deadline = AbortSignal.timeout(seconds * 1_000 + timing.marginMs);
  const startedMs = performance.now();
  const position = { resourceVersion, events: 0 };
  const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${resourceVersion}`;
  const next = (): State => ({ kind: 'watch', resourceVersion: position.resourceVersion });
  const worked = (): boolean =>
    position.events > 0 || performance.now() - startedMs >= SHORTEST_WATCH_MS;
  try {
    const limit = AbortSignal.any([signal, deadline]);
    const path = buildPath(options, query);
    const accept = options.metadataOnly ? METADATA_ONLY : undefined;
    for await (const line of options.connection.stream(path, limit, accept)) {
      if (line !== '') takeIn(options, store, JSON.parse(line) as WatchEvent, position);
    }
    if (worked()) options.observer?.heard(options.kind);
    return { next: next(), outcome: worked() ? 'success' : 'failure' };
  } catch (error) {
    if (signal.aborted) return { next: next(), outcome: 'success' };
    if (deadline.aborted) {
      options.log.warn({ path: options.path }, 'Watch went silent');
      options.observer?.failed(options.kind);
      return { next: { kind: 'list' }, outcome: 'success' };
    }
    if (isGone(error)) return { next: { kind: 'list' }, outcome: 'gone', error };
    const outcome = worked() ? 'success' : 'failure';
    // A server that answers is the one that it was; behind a connection that broke there may be another state.
    const kind = error instanceof KubernetesError ? 'watch' : 'check';
    return { next: { kind, resourceVersion: position.resourceVersion }, outcome, error };
  }
}

type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: KubernetesObject }
  | { type: 'ERROR'; object: KubernetesStatus };

function takeIn<T>(
  options: ReflectorOptions<T>,
  store: ObjectStore<T>,
  event: WatchEvent,
  position: { resourceVersion: string; events: number },
): void {
  if (event.type === 'ERROR') {
    const { code, reason, message } = event.object;
    throw new KubernetesError(code ?? 0, reason ?? '', message ?? 'The watch ended with an error');
  }
  if (event.type === 'DELETED') store.remove(event.object);
  else if (event.type !== 'BOOKMARK') put(options, store, event.object);
  if (event.type !== 'BOOKMARK') position.events += 1;
  position.resourceVersion = event.object.metadata.resourceVersion;
  options.observer?.heard(options.kind);
}

/** One object that cannot be read must not hide all others. */
function put<T>(
  options: ReflectorOptions<T>,
  store: ObjectStore<T>,
  object: KubernetesObject,
): void {
  try {
    store.put(object);
  } catch (error) {
    options.log.error(
      { err: error, path: options.path, object: buildKey(object) },
      'Object could not be read',
    );
  }
}
