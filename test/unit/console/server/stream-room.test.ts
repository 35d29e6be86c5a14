// How many may read the stream at the same time?
import { get } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import type { FakeConsole } from '../../../builders/console.ts';
import { waitUntil } from '../../../wait-until.ts';
import { closeAll, Reader, startStreams } from './stream-reader.ts';

const RIGHTS = { admin: ['*'], shopkeeper: ['*'] };
const open = async (port: number, count: number, token = '') => {
  const opening = Array.from({ length: count }, () => Reader.open(port, { token }));
  const readers = await Promise.all(opening);
  for (const { response } of readers) expect(response.statusCode).toBe(200);
  return readers;
};
const hasRoom = (fake: FakeConsole, user?: string): boolean => {
  try {
    fake.streams.checkRoom({ user });
    return true;
  } catch {
    return false;
  }
};

afterEach(closeAll);

it('has room for a hundred readers; the next one is refused in a sentence', async () => {
  const { app, fake, port } = await startStreams();
  const [first] = await open(port, 100);
  const refused = await app.inject({ url: '/api/stream' });
  expect(refused.statusCode).toBe(503);
  expect(refused.json()).toEqual({
    message: '100 readers are connected, which is the most; try again later',
  });
  first?.response.destroy();
  await waitUntil('there is room again', () => hasRoom(fake));
});

it('has room for ten readers with tokens of the same user', async () => {
  const { app, fake, port } = await startStreams({ rights: RIGHTS });
  const [first] = await open(port, 10, 'admin');
  const refused = await app.inject({
    url: '/api/stream',
    headers: { authorization: 'Bearer admin' },
  });
  expect(refused.statusCode).toBe(503);
  expect(refused.json()).toEqual({
    message: '10 readers of yours are connected, which is the most; try again later',
  });
  await open(port, 1, 'shopkeeper');
  first?.response.destroy();
  await waitUntil('there is room again', () => hasRoom(fake, 'admin'));
});

it('keeps room for port-forwards, however many come with tokens', async () => {
  const users = Array.from({ length: 8 }, (_, i) => `user-${i}`);
  const { fake, port } = await startStreams({
    rights: Object.fromEntries(users.map((user) => [user, ['*']])),
  });
  await Promise.all(users.map((user) => open(port, 10, user)));
  expect(hasRoom(fake, 'another')).toBe(false);
  expect(hasRoom(fake)).toBe(true);
});

it('keeps no room for who has left before he was let in', async () => {
  const { app, fake, port } = await startStreams({ rights: RIGHTS });
  const known = Promise.withResolvers<boolean>();
  let asked = 0;
  fake.reviewAccess = () => {
    asked += 1;
    return known.promise;
  };
  const headers = { authorization: 'Bearer admin' };
  const left = Array.from({ length: 10 }, () =>
    get({ port, path: '/api/stream', headers, agent: false }).on('error', () => {}),
  );
  const count = () =>
    new Promise<number>((resolve) => app.server.getConnections((_, all) => resolve(all)));
  await waitUntil('they wait', async () => asked > 0 && (await count()) === 10);
  for (const request of left) request.destroy();
  await waitUntil('they have left', async () => (await count()) === 0);
  known.resolve(true);
  await open(port, 10, 'admin');
});
