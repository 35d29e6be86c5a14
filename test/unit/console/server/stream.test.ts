// What does a reader of the stream get over a real socket?
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { DynamicVolumeClaim } from '../../../../api/dynamic-volume-claim.ts';
import type { PodView } from '../../../../watch/cluster-view.ts';
import type { FakeConsole } from '../../../builders/console.ts';
import { aMountPod } from '../../../builders/mount-pods.ts';
import { aClaim, aPod } from '../../../builders/objects.ts';
import { waitUntil } from '../../../wait-until.ts';
import { aNamed, closeAll, closeLater, Reader, startStreams } from './stream-reader.ts';

afterEach(closeAll);

/** As the caches do it: they have a change before they tell of it. */
function put(fake: FakeConsole, after: DynamicVolumeClaim): void {
  const { namespace, name } = after.metadata;
  const before = fake.cluster.claims.get(`${namespace}/${name}`);
  fake.cluster.put(after);
  fake.streams.note({ kind: 'claim', before, after });
}

function remove(fake: FakeConsole, name: string): void {
  const before = fake.cluster.claims.get(name);
  fake.cluster.claims.delete(name);
  fake.streams.note({ kind: 'claim', before, after: undefined });
}

it('begins with all claims, or those of one namespace', async () => {
  const { fake, port } = await startStreams();
  fake.cluster.put(aNamed('a'));
  fake.cluster.put(aNamed('b', 'lab'));
  const all = await Reader.open(port);
  const some = await Reader.open(port, { path: '/api/stream?namespace=lab' });
  await all.waitFor(1);
  await some.waitFor(1);
  expect(all.response.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
  });
  expect(all.events).toEqual([['change', ['a', 'b']]]);
  expect(some.events).toEqual([['change', ['b']]]);
});

it('begins with an empty event when there is no claim', async () => {
  const { port } = await startStreams();
  const reader = await Reader.open(port);
  await reader.waitFor(1);
  expect(reader.events).toEqual([['change', []]]);
});

it('tells of a claim that is new, changes and goes', async () => {
  const { fake, port } = await startStreams();
  const reader = await Reader.open(port);
  await reader.waitFor(1);
  put(fake, aNamed('a'));
  await reader.waitFor(2);
  put(fake, { ...aNamed('a'), status: { matched: 2 } });
  await reader.waitFor(3);
  expect(reader.text).toContain('"matched":2');
  remove(fake, 'shop/a');
  await reader.waitFor(4);
  expect(reader.events.slice(1)).toEqual([
    ['change', ['a']],
    ['change', ['a']],
    ['gone', ['uid-a']],
  ]);
});

it('tells of a namesake as of another claim', async () => {
  const { fake, port } = await startStreams();
  fake.cluster.put(aNamed('a', 'shop', 'former'));
  const reader = await Reader.open(port);
  await reader.waitFor(1);
  remove(fake, 'shop/a');
  put(fake, aNamed('a', 'shop', 'new'));
  await reader.waitFor(3);
  expect(reader.events.slice(1)).toEqual([
    ['gone', ['former']],
    ['change', ['a']],
  ]);
});

it('joins what changes in quick succession', async () => {
  const { fake, port } = await startStreams({ timing: { coalesceMs: 300 } });
  const reader = await Reader.open(port);
  await reader.waitFor(1);
  for (let i = 0; i < 500; i++) put(fake, { ...aNamed('a'), status: { matched: i } });
  put(fake, aNamed('b'));
  put(fake, aNamed('short-lived'));
  remove(fake, 'shop/short-lived');
  await reader.waitFor(3);
  expect(reader.events.slice(1)).toEqual([
    ['gone', ['uid-short-lived']],
    ['change', ['a', 'b']],
  ]);
  expect(reader.text).toContain('"matched":499');
  put(fake, aNamed('c'));
  await reader.waitFor(4);
  expect(reader.events.slice(3)).toEqual([['change', ['c']]]);
});

it('tells of a claim when its mount pod is made anew, and not when nothing that is shown changes', async () => {
  const { fake, port } = await startStreams();
  fake.cluster.put(aClaim());
  fake.cluster.put(aNamed('other', 'lab'));
  fake.cluster.putPod(aPod());
  const reader = await Reader.open(port);
  await reader.waitFor(1);
  const pod = aMountPod('web-1');
  fake.streams.note({ kind: 'pod', before: pod, after: { ...pod, resourceVersion: '2' } });
  fake.streams.note({ kind: 'pod', before: undefined, after: aPod({ name: 'web-2' }) });
  fake.streams.note({ kind: 'secret', secret: { namespace: 'default', name: 'keys' } });
  put(fake, aNamed('marker', 'lab'));
  await reader.waitFor(2);
  fake.streams.note({ kind: 'pod', before: pod, after: { ...pod, terminating: true } });
  await reader.waitFor(3);
  expect(reader.events.slice(1)).toEqual([
    ['change', ['marker']],
    ['change', ['pictures']],
  ]);
});

it('compares claims with pods that the mount pod is for alone, and only when it looks different', async () => {
  const { fake, port } = await startStreams();
  fake.cluster.put(aClaim());
  const compared: string[] = [];
  for (let i = 1; i <= 20; i++) {
    const { labels, ...pod } = aPod({ name: `web-${i}` });
    const compare = () => {
      compared.push(pod.name);
      return labels;
    };
    fake.cluster.putPod(Object.defineProperty(pod, 'labels', { get: compare }) as PodView);
  }
  const reader = await Reader.open(port);
  await reader.waitFor(1);
  const pod = aMountPod('web-1');
  fake.streams.note({ kind: 'pod', before: pod, after: { ...pod, resourceVersion: '2' } });
  expect(compared).toEqual([]);
  fake.streams.note({ kind: 'pod', before: pod, after: { ...pod, phase: 'Failed' } });
  expect(new Set(compared)).toEqual(new Set(['web-1']));
  await reader.waitFor(2);
});

describe('with a token', () => {
  const rights: Record<string, string[]> = { shopkeeper: ['shop'] };

  it('shows the namespaces that its owner may see', async () => {
    const { fake, port } = await startStreams({ rights });
    fake.cluster.put(aNamed('a'));
    fake.cluster.put(aNamed('hidden', 'lab'));
    const reader = await Reader.open(port, { token: 'shopkeeper' });
    await reader.waitFor(1);
    put(fake, aNamed('hidden', 'lab'));
    put(fake, aNamed('b'));
    remove(fake, 'lab/hidden');
    await reader.waitFor(2);
    expect(reader.events).toEqual([
      ['change', ['a']],
      ['change', ['b']],
    ]);
    expect(reader.text).not.toContain('hidden');
  });

  it.each([
    ['whose the token is', 'reviewToken'],
    ['what its owner may see', 'reviewAccess'],
  ] as const)(
    'lasts while the API server does not say %s, and leaves out nothing',
    async (_, question) => {
      const { fake, port } = await startStreams({ rights, timing: { heartbeatMs: 20 } });
      fake.cluster.put(aNamed('a'));
      const reader = await Reader.open(port, { token: 'shopkeeper' });
      await reader.waitFor(1);
      let asked = 0;
      const refuse = () => {
        asked += 1;
        return Promise.reject(new Error('connect ECONNREFUSED'));
      };
      Object.assign(fake, { [question]: refuse });
      fake.nowMs = 30_001;
      put(fake, aNamed('b'));
      remove(fake, 'shop/a');
      await waitUntil('it was asked in vain', () => asked >= 3, 10_000);
      const known = reader.text.length;
      await waitUntil('signs of life go on', () => reader.text.length > known, 10_000);
      expect(reader.events).toHaveLength(1);
      Reflect.deleteProperty(fake, question);
      await reader.waitFor(3);
      expect(reader.events.slice(1)).toEqual([
        ['gone', ['uid-a']],
        ['change', ['b']],
      ]);
    },
  );

  it('ends when the API server does not know the token any more', async () => {
    const own = { ...rights };
    const { fake, port } = await startStreams({ rights: own, timing: { heartbeatMs: 20 } });
    fake.cluster.put(aNamed('a'));
    const reader = await Reader.open(port, { token: 'shopkeeper' });
    await reader.waitFor(1);
    delete own['shopkeeper'];
    fake.nowMs = 30_001;
    await waitUntil('the stream has ended', () => reader.isEnded, 10_000);
  });
});

it('gives a sign of life again and again', async () => {
  const { port } = await startStreams({ timing: { heartbeatMs: 20 } });
  const reader = await Reader.open(port);
  const count = () => reader.text.split(': still here\n\n').length - 1;
  await waitUntil('three signs of life are there', () => count() >= 3, 10_000);
  expect(reader.events).toHaveLength(1);
});

it('cuts off who does not read, and keeps nothing for him', async () => {
  const { fake, app, port } = await startStreams({ timing: { stallMs: 50 } });
  const message = 'x'.repeat(4_000);
  for (let i = 0; i < 4_000; i++) {
    const claim = aNamed(`claim-${i}`);
    const ready = { type: 'Ready', status: 'False', reason: 'Attaching', message } as const;
    const conditions = [{ ...ready, lastTransitionTime: '2026-01-01T00:00:00Z' }];
    fake.cluster.put({ ...claim, status: { conditions } });
  }
  const socket = connect(port, '127.0.0.1').pause();
  socket.on('error', () => {});
  closeLater(async () => void socket.destroy());
  socket.write('GET /api/stream HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const count = () =>
    new Promise<number>((resolve) => app.server.getConnections((_, open) => resolve(open)));
  await waitUntil('the reader is connected', async () => (await count()) === 1);
  await waitUntil('the reader is cut off', async () => (await count()) === 0, 10_000);
});

it('ends with the console', async () => {
  const { fake, port } = await startStreams();
  const reader = await Reader.open(port);
  await reader.waitFor(1);
  fake.streams.close();
  await waitUntil('the stream has ended', () => reader.isEnded, 10_000);
});
