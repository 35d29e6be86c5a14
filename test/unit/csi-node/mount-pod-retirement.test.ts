// Can nothing be made in a mount pod while any retirement of it goes on?
import pino from 'pino';
import { expect, test } from 'vitest';
import type { MountPodRef } from '../../../api/node-agent.ts';
import { MountPodRetirement } from '../../../csi-node/mount-pod-retirement.ts';

const pod: MountPodRef = { uid: 'pod', sharingKey: '00000000', writeMode: 'sequential' };

/** A retirement whose mount pods end, or not, when the test says so: one answer for each try. */
function build() {
  const answers: ((ends: boolean) => void)[] = [];
  const end = () => new Promise<boolean>((resolve) => answers.push(resolve));
  const retirement = new MountPodRetirement(pino({ level: 'silent' }), end);
  const use = () => retirement.use('pod', async () => 'used');
  return { retirement, answers, use };
}

test('a mount pod that stays is as before', async () => {
  const { retirement, answers, use } = build();
  const retired = retirement.retire(pod);
  await expect(use()).rejects.toThrow('Mount pod pod is retired');
  answers[0]?.(false);
  expect(await retired).toBe(false);
  expect(await use()).toBe('used');
});

test('of two retirements at once, the one that ends first in vain does not open the mount pod again', async () => {
  const { retirement, answers, use } = build();
  const first = retirement.retire(pod);
  const second = retirement.retire(pod);
  answers[0]?.(false);
  expect(await first).toBe(false);

  await expect(use()).rejects.toThrow('Mount pod pod is retired');

  answers[1]?.(true);
  expect(await second).toBe(true);
});

test('one in which a source is being made is not retired', async () => {
  const { retirement, answers } = build();
  const { promise: made, resolve } = Promise.withResolvers<void>();
  const using = retirement.use('pod', () => made);
  expect(await retirement.retire(pod)).toBe(false);
  expect(answers).toHaveLength(0);
  resolve();
  await using;
});
