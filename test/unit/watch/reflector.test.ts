// Does the reflector's picture stay true, whatever the API server does?
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectKubernetes } from '../../../watch/kubernetes-connection.ts';
import type { KubernetesConnection } from '../../../watch/kubernetes-connection.ts';
import { runReflector } from '../../../watch/reflector.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';

const PATH = '/api/v1/pods';
const WATCHES = /GET .*watch=1/;
const LISTS = /GET .*limit=500/;

interface Thing {
  metadata: { name: string; uid: string };
  color: string;
}

let server: FakeApiServer;
let connection: KubernetesConnection;
let abort: AbortController;
let ended: Promise<void>;
/** What the listener was told, applied: must equal what is on the server. */
let picture: Map<string, string>;
let changes: string[];
let lists: number;
/** What the observer was told, in order. */
let told: string[];

function put(name: string, color: string): void {
  server.put(PATH, { metadata: { namespace: 'default', name }, color });
}

function remove(name: string): void {
  server.delete(PATH, { namespace: 'default', name });
}

function start(timing = { watchSeconds: 30, marginMs: 5_000 }): void {
  ended = runReflector<Thing>(
    {
      connection,
      kind: 'pods',
      path: PATH,
      project(object) {
        const thing = object as Thing;
        if (thing.color === 'unreadable') throw new Error('Unreadable');
        return thing;
      },
      onChange(before, after) {
        changes.push(`${before?.color ?? '-'} > ${after?.color ?? '-'}`);
        if (after !== undefined) picture.set(after.metadata.name, after.color);
        else if (before !== undefined) picture.delete(before.metadata.name);
      },
      onListed: () => (lists += 1),
      log: pino({ level: 'silent' }),
      timing,
      observer: {
        heard: (kind) => told.push(`heard ${kind}`),
        listed: (kind) => told.push(`listed ${kind}`),
        failed: (kind) => told.push(`failed ${kind}`),
      },
    },
    abort.signal,
  );
}

const seen = (): object => Object.fromEntries(picture);
const waitFor = (expected: object): Promise<void> =>
  vi.waitFor(() => expect(seen()).toEqual(expected), { timeout: 4_000, interval: 5 });
const waitForWatch = (): Promise<void> =>
  vi.waitFor(() => expect(server.openWatches(PATH)).toBe(1), { timeout: 4_000, interval: 5 });

beforeEach(async () => {
  server = await FakeApiServer.start();
  connection = connectKubernetes(server.kubeConfig);
  abort = new AbortController();
  ended = Promise.resolve();
  picture = new Map();
  changes = [];
  lists = 0;
  told = [];
});

afterEach(async () => {
  abort.abort();
  await ended;
  connection.close();
  await server.stop();
});

describe('runReflector', () => {
  it('tells its observer of lists, of each event and of what fails', async () => {
    server.faults.failures = 1;
    start();
    await waitForWatch();
    expect(told).toEqual(['failed pods', 'listed pods']);

    put('a', 'red');
    await waitFor({ a: 'red' });

    expect(told.at(-1)).toBe('heard pods');
  });

  it('tells its observer that a watch has ended as it should, and that one went silent', async () => {
    start({ watchSeconds: 1, marginMs: 5_000 });
    await vi.waitFor(() => expect(told).toContain('heard pods'), { timeout: 4_000 });
    expect(told).not.toContain('failed pods');

    server.faults.silentWatches = true;
    abort.abort();
    await ended;
    abort = new AbortController();
    told = [];
    start({ watchSeconds: 0, marginMs: 200 });
    await vi.waitFor(
      () => expect(told.slice(0, 3)).toEqual(['listed pods', 'failed pods', 'listed pods']),
      {
        timeout: 4_000,
      },
    );
  });

  it('tells of what is listed and then of each change', async () => {
    put('a', 'red');
    start();
    await waitFor({ a: 'red' });
    await waitForWatch();

    put('a', 'blue');
    put('b', 'green');
    remove('a');

    await waitFor({ b: 'green' });
    expect(changes).toEqual(['- > red', 'red > blue', '- > green', 'blue > -']);
  });

  it('reads a list of several pages', async () => {
    for (let i = 0; i < 1_203; i += 1) put(`pod-${i}`, 'red');
    start();

    await vi.waitFor(() => expect(lists).toBe(1));

    expect(picture.size).toBe(1_203);
    expect(server.countRequests(LISTS)).toBe(3);
  });

  it('resumes without a list when a watch ends', async () => {
    start({ watchSeconds: 1, marginMs: 5_000 });
    await waitForWatch();
    put('a', 'red');

    await vi.waitFor(() => expect(server.countRequests(WATCHES)).toBe(2), { timeout: 4_000 });
    put('b', 'red');

    await waitFor({ a: 'red', b: 'red' });
    expect(server.countRequests(LISTS)).toBe(1);
    expect(changes).toHaveLength(2);
  });

  it('asks for bookmarks and resumes from the last one', async () => {
    start();
    await waitForWatch();
    server.put('/other', { metadata: { name: 'x' } });
    server.sendBookmarks();
    put('a', 'red');
    await waitFor({ a: 'red' });
    server.compact();

    server.cutConnections();

    await vi.waitFor(() => expect(server.countRequests(WATCHES)).toBe(2));
    expect(server.countRequests(/allowWatchBookmarks=true/)).toBe(2);
    expect(lists).toBe(1);
  });

  it('loses nothing when each watch is cut within the third event', async () => {
    server.faults.cutAfterEvents = 2;
    start();
    await waitForWatch();

    for (let i = 0; i < 21; i += 1) put(`pod-${i}`, 'red');

    await vi.waitFor(() => expect(picture.size).toBe(21), { timeout: 4_000 });
    expect(changes).toHaveLength(21);
    expect(lists).toBe(1);
  });

  it('lists again after an ERROR event 410, and finds what was lost meanwhile', async () => {
    put('a', 'red');
    put('b', 'red');
    start();
    await waitForWatch();

    server.faults.silentWatches = true;
    put('a', 'blue');
    remove('b');
    server.faults.silentWatches = false;
    server.expireWatches();

    await waitFor({ a: 'blue' });
    expect(lists).toBe(2);
    expect(changes.slice(2).sort()).toEqual(['red > -', 'red > blue']);
  });

  it('lists again, with back-off, while watches are answered 410', async () => {
    server.faults.watchesExpire = true;
    start();

    await vi.waitFor(() => expect(lists).toBeGreaterThanOrEqual(3), { timeout: 4_000 });
    expect(lists).toBeLessThanOrEqual(8);
    server.faults.watchesExpire = false;
    put('a', 'red');

    await waitFor({ a: 'red' });
  });

  it('starts the list anew when its continue token has expired', async () => {
    for (let i = 0; i < 700; i += 1) put(`pod-${i}`, 'red');
    server.faults.listDelayMs = 100;
    start();
    await vi.waitFor(() => expect(server.countRequests(LISTS)).toBe(2));

    put('late', 'red');
    server.compact();

    await vi.waitFor(() => expect(lists).toBe(1), { timeout: 4_000 });
    expect(picture.size).toBe(701);
  });

  it('lists again when the server was set back to an older state, and finds what is lost', async () => {
    put('a', 'red');
    const backup = server.backUp();
    put('b', 'red');
    start();
    await waitFor({ a: 'red', b: 'red' });
    await waitForWatch();

    server.restore(backup);

    await waitFor({ a: 'red' });
    put('c', 'red');
    await waitFor({ a: 'red', c: 'red' });
    expect(lists).toBe(2);
  });

  it('cuts a watch that went silent and lists again', async () => {
    server.faults.silentWatches = true;
    start({ watchSeconds: 1, marginMs: 100 });
    await waitForWatch();
    put('a', 'red');

    await waitFor({ a: 'red' });
    expect(lists).toBeGreaterThanOrEqual(2);
  });

  it('goes on after 500s, cut connections and slow lists', async () => {
    server.faults.failures = 3;
    server.faults.listDelayMs = 200;
    put('a', 'red');
    start();
    await waitForWatch();

    server.faults.failures = 2;
    server.cutConnections();
    put('a', 'blue');

    await waitFor({ a: 'blue' });
  });

  it('tells of a namesake with another UID as removal and addition', async () => {
    put('a', 'red');
    start();
    await waitForWatch();
    server.faults.silentWatches = true;

    remove('a');
    put('a', 'blue');
    server.faults.silentWatches = false;
    server.expireWatches();

    await waitFor({ a: 'blue' });
    expect(changes).toEqual(['- > red', 'red > -', '- > blue']);
  });

  it('leaves out an object that cannot be read, and no other', async () => {
    put('a', 'unreadable');
    put('b', 'red');
    start();
    await waitForWatch();

    put('c', 'unreadable');
    put('d', 'red');

    await waitFor({ b: 'red', d: 'red' });
    expect(lists).toBe(1);
  });

  it('opens no watch when it is stopped during a list', async () => {
    server.faults.listDelayMs = 100;
    start();
    await vi.waitFor(() => expect(server.countRequests(LISTS)).toBe(1));

    abort.abort();
    await ended;

    expect(server.countRequests(WATCHES)).toBe(0);
  });

  it('opens no watch when it is stopped while it backs off', async () => {
    start();
    await waitForWatch();
    server.faults.failures = 1_000;
    const before = server.requests.length;
    server.cutConnections();
    await vi.waitFor(() => expect(server.requests.length).toBeGreaterThanOrEqual(before + 2));

    abort.abort();
    await ended;
    const requests = server.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 300));

    expect(server.requests).toHaveLength(requests);
  });
});
