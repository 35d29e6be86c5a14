// How does a Kubernetes API server behave, and misbehave, towards a client that lists and watches?
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import {
  answer,
  answerObject,
  parseFieldSelector,
  parsePath,
  pickMetadata,
  refuse,
} from './object-requests.ts';
import type { StoredObject } from './object-requests.ts';

interface HistoryEntry {
  version: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: StoredObject;
}

interface Collection {
  objects: Map<string, StoredObject>;
  history: HistoryEntry[];
  watchers: Set<Watcher>;
}

interface Watcher {
  response: ServerResponse;
  sent: number;
  matches(object: StoredObject): boolean;
  metadataOnly: boolean;
}

/** An object as a test gives it; UID and resource version are added. */
export interface GivenObject {
  metadata: { namespace?: string; name: string; uid?: string; [field: string]: unknown };
  [field: string]: unknown;
}

/** What {@link FakeApiServer.backUp} has kept. */
interface Backup {
  version: number;
  objects: { path: string; of: Map<string, StoredObject> }[];
}

/** Misbehaviour that a test switches on; all of it is off at first. */
export interface Faults {
  /** Requests that are answered 500, counted down. */
  failures: number;
  /** Time before a list is answered. */
  listDelayMs: number;
  /** Each watch is cut in the middle of the line after so many events. */
  cutAfterEvents: number;
  /** Each watch that is asked for is answered 410. */
  watchesExpire: boolean;
  /** Watches are accepted and then silent for ever, their end included: a half-open connection. */
  silentWatches: boolean;
  /** The lines that are sent instead of an event's own. */
  deliver(line: string): string[];
  /** The refusal of a request; undefined lets it pass. */
  refuse(url: URL): Refusal | undefined;
}

/** An answer other than 2xx. */
export interface Refusal {
  status: number;
  reason: string;
  /** Header `Retry-After`. */
  retryAfterSeconds?: number;
}

/** One HTTP server on the loopback, with any collection a test puts objects in. */
export class FakeApiServer {
  readonly faults: Faults = {
    failures: 0,
    listDelayMs: 0,
    cutAfterEvents: Infinity,
    watchesExpire: false,
    silentWatches: false,
    deliver: (line) => [line],
    refuse: () => undefined,
  };
  /** Method and URL of each request, in order. */
  readonly requests: string[] = [];

  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #collections = new Map<string, Collection>();
  #version = 1_000;
  #oldestVersion = 0;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(): Promise<FakeApiServer> {
    const fake = new FakeApiServer();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  async stop(): Promise<void> {
    this.cutConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get kubeConfig(): KubeConfig {
    const { port } = this.#server.address() as AddressInfo;
    const config = new KubeConfig();
    const cluster = { name: 'fake', server: `http://127.0.0.1:${port}`, skipTLSVerify: true };
    config.loadFromClusterAndUser(cluster, { name: 'test' });
    return config;
  }

  /** Creates or updates an object of the collection with this path. */
  put(path: string, given: GivenObject): StoredObject {
    const collection = this.#collection(path);
    const key = buildKey(given);
    const known = collection.objects.get(key);
    const uid = given.metadata.uid ?? known?.metadata.uid ?? randomUUID();
    const metadata = { ...given.metadata, uid, resourceVersion: String(++this.#version) };
    const object: StoredObject = { ...given, metadata };
    collection.objects.set(key, object);
    this.#record(collection, known === undefined ? 'ADDED' : 'MODIFIED', object);
    return object;
  }

  delete(path: string, name: { namespace?: string; name: string }): void {
    const collection = this.#collection(path);
    const key = buildKey({ metadata: name });
    const known = collection.objects.get(key);
    if (known === undefined) return;
    collection.objects.delete(key);
    const metadata = { ...known.metadata, resourceVersion: String(++this.#version) };
    this.#record(collection, 'DELETED', { ...known, metadata });
  }

  /** Forgets all history, as after etcd's compaction: watches from an older version are answered 410. */
  compact(): void {
    this.#oldestVersion = this.#version;
  }

  /** Ends every watch with the event `ERROR`, code 410. */
  expireWatches(): void {
    this.compact();
    const object = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    this.#endWatches(JSON.stringify({ type: 'ERROR', object }) + '\n');
  }

  /** Sends every watch a bookmark of the present version. */
  sendBookmarks(): void {
    const object = { kind: 'Bookmark', metadata: { resourceVersion: String(this.#version) } };
    for (const { watchers } of this.#collections.values()) {
      for (const watcher of watchers) writeLine(watcher, { type: 'BOOKMARK', object });
    }
  }

  /** The state of the database, for {@link restore}. */
  backUp(): Backup {
    const objects = [...this.#collections].map(([path, one]) => ({
      path,
      of: new Map(one.objects),
    }));
    return { version: this.#version, objects };
  }

  /** Goes on from an older state, as an etcd that was restored: what came later has never been. */
  restore({ version, objects }: Backup): void {
    this.cutConnections();
    this.#collections.clear();
    for (const { path, of } of objects) this.#collection(path).objects = new Map(of);
    this.#version = version;
  }

  cutConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  openWatches(path: string): number {
    return this.#collection(path).watchers.size;
  }

  /** Names of the objects that are there, sorted. */
  names(path: string): string[] {
    return [...this.#collection(path).objects.values()].map(({ metadata }) => metadata.name).sort();
  }

  countRequests(pattern: RegExp): number {
    return this.requests.filter((request) => pattern.test(request)).length;
  }

  #collection(path: string): Collection {
    const known = this.#collections.get(path);
    if (known !== undefined) return known;
    const created: Collection = { objects: new Map(), history: [], watchers: new Set() };
    this.#collections.set(path, created);
    return created;
  }

  #record(collection: Collection, type: HistoryEntry['type'], object: StoredObject): void {
    const entry = { version: this.#version, type, object };
    collection.history.push(entry);
    for (const watcher of collection.watchers) this.#send(collection, watcher, entry);
  }

  #send(collection: Collection, watcher: Watcher, entry: HistoryEntry): void {
    if (this.faults.silentWatches || !watcher.matches(entry.object)) return;
    if (watcher.sent >= this.faults.cutAfterEvents) {
      collection.watchers.delete(watcher);
      watcher.response.write('{"type":"MODI', () => watcher.response.destroy());
      return;
    }
    watcher.sent += 1;
    const object = watcher.metadataOnly ? pickMetadata(entry.object) : entry.object;
    const line = JSON.stringify({ type: entry.type, object });
    for (const sent of this.faults.deliver(line)) watcher.response.write(`${sent}\n`);
  }

  #endWatches(lastLine: string): void {
    for (const { watchers } of this.#collections.values()) {
      for (const { response } of watchers) response.end(lastLine);
      watchers.clear();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${request.method} ${request.url}`);
    const url = new URL(request.url ?? '/', 'http://fake');
    if (this.faults.failures > 0) {
      this.faults.failures -= 1;
      return refuse(response, 500, 'InternalError', 'etcdserver: leader changed');
    }
    const refusal = this.faults.refuse(url);
    if (refusal !== undefined) {
      const { status, reason, retryAfterSeconds } = refusal;
      if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
      return refuse(response, status, reason, 'refused by the test');
    }
    const { path, name } = parsePath(url.pathname);
    const collection = this.#collection(path);
    if (name !== undefined || request.method !== 'GET') {
      const written = await answerObject(collection.objects, { request, response, url, name });
      if (written === undefined) return;
      if ('after' in written) return answer(response, this.put(path, written.after));
      this.delete(path, written.gone.metadata);
      return answer(response, written.gone);
    }
    const accept = String(request.headers.accept);
    if (url.searchParams.has('watch')) return this.#watch(collection, url, accept, response);
    await new Promise((resolve) => setTimeout(resolve, this.faults.listDelayMs));
    this.#list(collection, url, accept, response);
  }

  #list(collection: Collection, url: URL, accept: string, response: ServerResponse): void {
    // As the real one: a list of metadata has a kind of its own.
    if (accept.includes('as=PartialObjectMetadata;'))
      return refuse(response, 406, 'NotAcceptable', accept);
    const limit = Number(url.searchParams.get('limit') ?? Infinity);
    const [start = 0, version = this.#version] = (url.searchParams.get('continue') ?? '')
      .split('@')
      .filter(Boolean)
      .map(Number);
    if (version < this.#oldestVersion) return refuse(response, 410, 'Expired', 'token too old');
    const all = [...collection.objects.values()].filter(parseFieldSelector(url));
    const end = start + limit;
    const more = end < all.length ? { continue: `${end}@${version}` } : {};
    const metadata = { resourceVersion: String(version), ...more };
    response.setHeader('content-type', 'application/json');
    const page = all.slice(start, end);
    const isMetadata = accept.includes('as=PartialObjectMetadataList;');
    const found = isMetadata ? page.map(pickMetadata) : page;
    // The API server makes of no metadata null.
    const items = isMetadata && found.length === 0 ? null : found;
    response.end(JSON.stringify({ kind: 'List', metadata, items }));
  }

  #watch(collection: Collection, url: URL, accept: string, response: ServerResponse): void {
    const from = Number(url.searchParams.get('resourceVersion'));
    if (this.faults.watchesExpire || from < this.#oldestVersion) {
      return refuse(response, 410, 'Expired', 'too old resource version');
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const metadataOnly = accept.includes('as=PartialObjectMetadata;');
    const watcher = { response, sent: 0, metadataOnly, matches: parseFieldSelector(url) };
    collection.watchers.add(watcher);
    const seconds = Number(url.searchParams.get('timeoutSeconds'));
    const end = setTimeout(() => {
      if (!this.faults.silentWatches) response.end();
    }, seconds * 1_000);
    response.on('close', () => {
      clearTimeout(end);
      collection.watchers.delete(watcher);
    });
    for (const entry of collection.history.filter(({ version }) => version > from)) {
      if (collection.watchers.has(watcher)) this.#send(collection, watcher, entry);
    }
  }
}

function writeLine(watcher: Watcher, event: object): void {
  watcher.response.write(JSON.stringify(event) + '\n');
}

function buildKey(object: { metadata: { namespace?: string; name: string } }): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
