// Does the agent's Watch tell every listener the same, from the beginning, and end when it shall?
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CallError } from './agent-client.ts';
import { buildSourceKey, Lab } from './lab.ts';
import { until } from './processes.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

test('tells a new listener what is dead now, and all of them what changes', async () => {
  const { pod } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  expect(await lab.attach(attachment)).toBe('ok');
  const first = lab.watch();
  await mountPod.service.stop('SIGKILL');
  await until('the first is told', () => first.length > 0);

  const second = lab.watch();

  await until('the second is told', () => second.length > 0);
  expect(second[0]).toEqual({
    sourceKey: buildSourceKey(mountPod, attachment.s3),
    state: 'dead',
    code: '',
    message: expect.stringContaining(mountPod.uid),
    targets: [
      {
        podUid: pod.uid,
        mountpoint: 'data',
        sourceKey: buildSourceKey(mountPod, attachment.s3),
        readOnly: false,
      },
    ],
  });
  const successor = await lab.startMountPod({ sharingKey: mountPod.sharingKey });
  expect(await lab.attach({ ...attachment, mountPod: successor })).toBe('ok');
  for (const reports of [first, second])
    await until('it is back', () => reports.at(-1)?.state === 'recovered');
});

test('forgets what nobody shows any more', async () => {
  const { pod } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  expect(await lab.attach(attachment)).toBe('ok');
  const reports = lab.watch();
  await mountPod.service.stop('SIGKILL');
  await until('it is told', () => reports.length > 0);
  await lab.unpublish(pod);

  await until('a new listener hears nothing', async () => {
    const heard = lab.watch();
    await lab.list();
    return heard.length === 0;
  });
});

test('refuses whoever is not the controller', async () => {
  await lab.authority.issue('somebody', 'DNS:somebody.example');
  const { promise, resolve } = Promise.withResolvers<CallError | undefined>();
  lab.api('somebody').watch(() => {}, resolve);
  expect((await promise)?.status).toBe('UNAUTHENTICATED');
});

test('ends its streams well when it is told to stop', async () => {
  const { promise, resolve } = Promise.withResolvers<CallError | undefined>();
  lab.api().watch(() => {}, resolve);
  await lab.list();

  await lab.agent.stop('SIGTERM');

  // Calls that do not end by themselves are cut off with an error after 5 s.
  expect(await promise).toBeUndefined();
  await lab.startAgent();
});
