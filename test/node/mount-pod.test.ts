// Does PID 1 of a mount pod keep its promises to whoever connects?
import { closeSync, openSync, readdirSync } from 'node:fs';
import { connect, Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildMountPodRunDir, DESCRIPTOR_SOCKET, KUBELET_DIR } from '../../api/paths.ts';
import { Descriptor } from '../../csi-node/descriptor.ts';
import { connectUnix, sendDescriptor } from '../../csi-node/syscalls.ts';
import { Lab, type RunningMountPod } from './lab.ts';
import { until } from './processes.ts';

let lab: Lab;
let mountPod: RunningMountPod;
let runDir: number;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  await lab.startAgent();
  mountPod = await lab.startMountPod();
  runDir = openSync(lab.host.path(buildMountPodRunDir(mountPod.uid, KUBELET_DIR)), 'r');
  await until('it listens', () => readdirSync(`/proc/self/fd/${runDir}`).includes('rc.sock'));
});

afterAll(async () => {
  closeSync(runDir);
  await lab[Symbol.asyncDispose]();
});

const socketPath = () => `/proc/self/fd/${runDir}/${DESCRIPTOR_SOCKET}`;
const mountpoints = () => readdirSync(`/proc/self/fd/${runDir}/m`);

/** Sends one line; the answer, or `closed` if the connection was closed on us. */
async function ask(line: string, socket: Socket = connect(socketPath())): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
  socket.once('close', () => resolve('closed'));
  socket.once('error', () => resolve('closed'));
  socket.write(line);
  return await promise;
}

/** Leaves /dev/null under a name, as the agent leaves a FUSE descriptor. */
async function put(name: string): Promise<{ answer: string; socket: Socket }> {
  const fd = connectUnix(socketPath()).release();
  using file = new Descriptor(openSync('/dev/null', 'r'));
  const socket = new Socket({ fd });
  const { promise, resolve } = Promise.withResolvers<string>();
  socket.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()));
  sendDescriptor(fd, Buffer.from(`PUT ${name}\n`), file);
  return { answer: await promise, socket };
}

/** As many connections as PID 1 has places for: one after another, or the socket's queue would refuse some of them. */
async function gatherCrowd(): Promise<Socket[]> {
  const crowd: Socket[] = [];
  for (let answer = ''; answer !== 'closed' && crowd.length < 400;) {
    const socket = connect(socketPath()).on('error', () => {});
    crowd.push(socket);
    answer = await ask('GET nothing\n', socket);
  }
  return crowd;
}

test.for([
  ['GET unknown\n', 'ERR unknown'],
  ['PUT no-descriptor\n', 'ERR no descriptor'],
  ['PUT ../escape\n', 'ERR bad name'],
  ['PUT .hidden\n', 'ERR bad name'],
  ['HELLO\n', 'ERR unknown verb'],
  ['no newline', 'closed'],
  [`PUT ${'x'.repeat(5_000)}\n`, 'closed'],
] as const)('answers %j by %j', async ([line, answer]) => {
  expect(await ask(line)).toBe(answer);
});

test('gives a descriptor to the first who asks, and to no other', async () => {
  const { answer, socket } = await put('one.1');

  expect(answer).toBe('OK');
  expect(mountpoints()).toContain('one.1');
  expect(await ask('GET one.1\n')).toBe('OK');
  expect(await ask('GET one.1\n')).toBe('ERR unknown');
  socket.destroy();
  await until('its mountpoint goes', () => !mountpoints().includes('one.1'));
});

test('drops a descriptor when the agent that left it goes away', async () => {
  const { socket } = await put('two.2');
  expect((await put('two.2')).answer).toBe('ERR name in use');

  socket.destroy();

  await until('it is dropped', async () => (await ask('GET two.2\n')) === 'ERR unknown');
});

test('survives a crowd of connections and serves afterwards', async () => {
  const crowd = await gatherCrowd();
  const { pod, workload } = await lab.runPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  // The agent's own connection is one too many: it fails, and the agent goes on.
  expect(await lab.attach(attachment)).not.toBe('ok');
  expect((await fetch(lab.healthUrl)).status).toBe(200);
  for (const socket of crowd) socket.destroy();

  await until('it is attached', async () => (await lab.attach(attachment)) === 'ok');

  expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
});

test('serves 100 mounts that are asked for at once', async () => {
  const { pod } = await lab.runPod();
  const shared = await lab.startMountPod();
  const attach = (_: unknown, index: number) =>
    lab.attach({
      ...{ pod, mountPod: shared, mountpoint: `m${index}`, claimUid: `claim-${index}` },
      s3: lab.storage.bucket('images', { prefix: `folder-${index}` }),
    });

  const outcomes = await Promise.all(Array.from({ length: 100 }, attach));

  expect(new Set(outcomes)).toEqual(new Set(['ok']));
});

test('starts rclone again each time it dies, at once the first time', async () => {
  const pod = await lab.startMountPod();
  await lab.waitForRclone(pod);
  for (let round = 0; round < 3; round++) {
    const rclone = lab.signalRclone(pod, 'SIGKILL');
    await until('another one', () => ![0, rclone].includes(lab.findRclone(pod)), 3_000);
  }

  await lab.waitForRclone(pod);

  expect(pod.service.output()).toMatch(/next start in 0 ms[^]*next start in 100 ms/);
});

test('refuses to quit while rclone serves a mount, and ends all the same when it is killed', async () => {
  const serving = await lab.startMountPod();
  const { pod } = await lab.runPod();
  await lab.attach({ pod, mountPod: serving, s3: lab.storage.bucket('images') });
  const folder = openSync(lab.host.path(buildMountPodRunDir(serving.uid, KUBELET_DIR)), 'r');
  const send = (line: string) => ask(line, connect(`/proc/self/fd/${folder}/${DESCRIPTOR_SOCKET}`));

  expect(await send('QUIT\n')).toBe('ERR serving');
  expect(await send('KILL\n')).toBe('OK');

  await until('it ends', () => serving.service.child.exitCode === 0);
  closeSync(folder);
});

test('quits when rclone serves nothing', async () => {
  const idle = await lab.startMountPod();
  await lab.waitForRclone(idle);
  const folder = openSync(lab.host.path(buildMountPodRunDir(idle.uid, KUBELET_DIR)), 'r');

  const socket = connect(`/proc/self/fd/${folder}/${DESCRIPTOR_SOCKET}`);
  expect(await ask('QUIT\n', socket)).toBe('OK');

  await until('it ends', () => idle.service.child.exitCode === 0);
  closeSync(folder);
});

/** Everything that PID 1 says on one connection from now on. */
async function watch(): Promise<{ lines: () => string[]; socket: Socket }> {
  const socket = connect(socketPath());
  expect(await ask('WATCH\n', socket)).toBe('OK');
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()));
  return { lines: () => text.trim().split('\n'), socket };
}

test('tells every watcher when rclone ends and starts again, and not those who have left', async () => {
  const left = await watch();
  left.socket.destroy();
  const watchers = [await watch(), await watch()];

  expect(await ask('RESTART\n')).toBe('OK');

  for (const { lines } of watchers)
    await until('it is told', () => lines().join() === 'DOWN signal 9,UP');
  for (const { socket } of watchers) socket.destroy();
  expect(left.lines()).toEqual(['']);
});

test('passes news of rclone on to every watcher, also to a later one, until rclone ends', async () => {
  const early = await watch();
  expect(await ask('TELL\n')).toBe('OK');
  await until('the early one is told', () => early.lines().join() === 'NEWS');
  const late = connect(socketPath());
  let text = '';
  late.on('data', (bytes: Buffer) => (text += bytes.toString()));
  late.write('WATCH\n');
  await until('the late one is told', () => text === 'OK\nNEWS\n');

  await ask('RESTART\n');

  await until('it has started', () => early.lines().join() === 'NEWS,DOWN signal 9,UP');
  const last = await watch();
  await ask('RESTART\n');
  await until('the last one is told', () => last.lines().join() === 'DOWN signal 9,UP');
  for (const socket of [early.socket, late, last.socket]) socket.destroy();
});

test('restarts rclone at once each time it is told to', async () => {
  const watcher = await watch();
  for (let round = 1; round <= 5; round++) {
    await ask('RESTART\n');
    await until(
      `start ${round}`,
      () => watcher.lines().filter((one) => one === 'UP').length === round,
    );
  }
  watcher.socket.destroy();
  expect(mountPod.service.output().split('next start in 0 ms').length).toBeGreaterThan(5);
});
