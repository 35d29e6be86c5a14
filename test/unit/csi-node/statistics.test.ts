// Are storage clients asked for little at a time, and is what they answer kept?
import { setImmediate as tick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { observeStatistics } from '../../../csi-node/statistics.ts';

const buildKey = (index: number) => `00112233445566aa.${String(index).padStart(16, '0')}`;
const keys = Array.from({ length: 250 }, (_, index) => buildKey(index));

/** A storage client that serves them all; about those that it does not answer for it fails. */
class FakeClient {
  readonly silent = new Set<string>();
  most = 0;
  #running = 0;

  readonly call = async (_: string, { command, parameters }: Asked): Promise<unknown> => {
    this.most = Math.max(this.most, ++this.#running);
    try {
      await tick();
      return this.#answer(command, parameters);
    } finally {
      this.#running--;
    }
  };

  #answer(command: string, parameters: { fs?: string }): unknown {
    if (command === 'core/stats') return { bytes: 7, errors: 1 };
    if (command === 'vfs/list') return { vfses: keys.map((key) => `${key}{abc}:bucket`) };
    if (this.silent.has(parameters.fs?.split('{')[0] ?? '')) throw new Error('aborted');
    if (command === 'vfs/queue') return { queue: [] };
    return { diskCache: { bytesUsed: 5, uploadsInProgress: 1, uploadsQueued: 2 } };
  }
}

interface Asked {
  command: string;
  parameters: object;
}

test('asks one client about 8 sources at a time, and tells of all', async () => {
  const client = new FakeClient();

  const { sources } = await observeStatistics(['m'], new Set(keys), client.call);

  expect(client.most).toBe(8);
  expect(sources.map(({ sourceKey }) => sourceKey)).toEqual(keys);
  expect(sources[0]).toMatchObject({ mountPodUid: 'm', cachedBytes: 5, pendingUploads: 3 });
});

test('leaves out the sources that are not answered for, and keeps the others and the totals', async () => {
  const client = new FakeClient();
  client.silent.add(buildKey(3)).add(buildKey(200));

  const told = await observeStatistics(['m'], new Set(keys), client.call);

  expect(told.sources).toHaveLength(248);
  expect(told.sources.map(({ sourceKey }) => sourceKey)).not.toContain(buildKey(3));
  expect(told.mountPods).toEqual([{ mountPodUid: 'm', transferredBytes: 7, errors: 1 }]);
});

test('asks nothing about sources that are not mounted on the node', async () => {
  const client = new FakeClient();

  const { sources } = await observeStatistics(['m', 'm'], new Set([buildKey(1)]), client.call);

  expect(sources.map(({ sourceKey }) => sourceKey)).toEqual([buildKey(1)]);
});
