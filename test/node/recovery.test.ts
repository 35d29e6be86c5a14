// Does a mount come back by itself when its storage client ends, for everybody who shows it?
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { buildMountPodRunDir, DESCRIPTOR_SOCKET, KUBELET_DIR } from '../../api/paths.ts';
import type { SourceReport } from '../../api/node-agent.ts';
import { parseHierarchies } from '../../deploy/stack/control-groups.ts';
import { buildFuseServer, type FuseMode, setFuseMode } from './fuse-server.ts';
import type { Workload } from './host.ts';
import { type Attachment, buildSourceKey, Lab, type RunningMountPod } from './lab.ts';
import { until } from './processes.ts';

let lab: Lab;
let fuseServer: string;

beforeAll(async () => {
  lab = await Lab.make();
  fuseServer = await buildFuseServer(lab.directory);
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

afterEach(() => lab.storage.startAgain());

const images = () => lab.storage.bucket('images');
const read = async (workload: Workload) =>
  (await workload.exec(['cat', 'data/hello.txt'])).stdout.trim();
const untilReadable = (workload: Workload, deadlineMs?: number) =>
  until('it is readable', async () => (await read(workload)) === 'hello', deadlineMs);

async function attachAnew(change: Partial<Attachment> = {}) {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod();
  const attachment: Attachment = { pod, mountPod, s3: images(), ...change };
  expect(await lab.attach(attachment)).toBe('ok');
  return { pod, workload, mountPod, attachment };
}

async function killRclone(mountPod: RunningMountPod): Promise<void> {
  const pid = lab.signalRclone(mountPod, 'SIGKILL');
  await until('another rclone', () => ![0, pid].includes(lab.findRclone(mountPod)));
}

async function countLayers(path: string): Promise<number> {
  return (await lab.mounts()).filter((mountpoint) => mountpoint === path).length;
}

test('a killed rclone: readable again in all pods, without any call to the agent', async () => {
  const { pod, workload, mountPod, attachment } = await attachAnew();
  const second = await lab.runPod();
  expect(await lab.attach({ ...attachment, pod: second.pod, readOnly: true })).toBe('ok');
  const table = (await lab.mounts()).sort();

  await killRclone(mountPod);

  await untilReadable(workload);
  await untilReadable(second.workload);
  expect((await lab.mounts()).sort()).toEqual(table);
  expect(await countLayers(`${pod.targetPath}/data`)).toBe(1);
  expect((await workload.exec(['sh', '-c', 'echo new > data/new.txt'])).status).toBe(0);
  expect((await second.workload.exec(['touch', 'data/x'])).stderr).toContain('Read-only');
  expect(lab.servedMounts(mountPod)).toBe(1);
  expect((await lab.detach(attachment)).outcome).toBe('ok');
});

/** What the agent says of each repair, with the time that it took. */
const SERVES_AGAIN = /"durationMs":(\d+),"msg":"Source serves again"/g;

/** States that were told of a source. */
const states = (reports: SourceReport[], { mountPod, s3 }: Attachment) =>
  reports.filter((one) => one.sourceKey === buildSourceKey(mountPod, s3)).map((one) => one.state);

test('a repair that takes less than a second is told as recovered and not as dead', async () => {
  const reports = lab.watch();
  const { workload, mountPod, attachment, pod } = await attachAnew();
  await killRclone(mountPod);

  await until('it is told', () => states(reports, attachment).includes('recovered'));

  expect(await read(workload)).toBe('hello');
  const took = [...lab.agent.output().matchAll(SERVES_AGAIN)].at(-1)?.[1];
  // A busy machine may need longer.
  const expected = Number(took) < 900 ? ['recovered'] : states(reports, attachment);
  expect(states(reports, attachment)).toEqual(expected);
  expect(reports.at(-1)).toMatchObject({
    message: `The storage client of mount pod ${mountPod.uid} was ended by signal 9; the storage was mounted anew`,
    targets: [{ podUid: pod.uid, mountpoint: 'data' }],
  });
});

test.for<FuseMode>(['exit', 'crash'])('a storage client that ends by %s', async (mode) => {
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod({ firstOnPath: fuseServer });
  expect(await lab.attach({ pod, mountPod, s3: images() })).toBe('ok');
  const reports = lab.watch();
  await setFuseMode(lab, mountPod, mode);

  await until('it is told', () => reports.some(({ state }) => state === 'recovered'));

  expect(await read(workload)).toBe('hello');
});

/** The folder of a new control group with a limit on memory, and the name of the file that sets it. */
function makeMemoryGroup(): { folder: string; limit: string } {
  const hierarchies = parseHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'));
  const found =
    hierarchies.find(({ folder }) => folder.endsWith('/memory')) ??
    hierarchies.find(({ version }) => version === 2);
  const folder = join(found?.folder ?? '', `dynvol-memory-${process.pid}`);
  mkdirSync(folder);
  const version1 = join(folder, 'memory.limit_in_bytes');
  return { folder, limit: existsSync(version1) ? version1 : join(folder, 'memory.max') };
}

function tryToRemove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false; // a process that was killed has not ended yet
  }
}

test('an rclone that the kernel kills for its memory', async () => {
  const { workload, mountPod } = await attachAnew();
  const { folder, limit } = makeMemoryGroup();
  const rclone = lab.findRclone(mountPod);
  writeFileSync(join(folder, 'cgroup.procs'), String(rclone));
  writeFileSync(limit, String(1024 * 1024));

  await until('it is killed', async () => {
    await workload.exec(['sh', '-c', 'head -c 3000000 /dev/zero > data/large']);
    return lab.findRclone(mountPod) !== rclone;
  });

  await untilReadable(workload);
  expect(mountPod.service.output()).toContain('rclone ended (signal 9)');
  await until('the group is empty', () => tryToRemove(folder));
});

/** What must not grow: the agent's descriptors, rows of the mount table, folders of the stage. */
async function countResources() {
  const mounts = (await lab.host.mountinfo()).split('\n').length;
  const descriptors = readdirSync(`/proc/${lab.agent.pid}/fd`).length;
  const parked = readdirSync(lab.host.path('/var/lib/dynamic/stage')).length;
  return { mounts, descriptors, parked };
}

/** What is still under way may take a moment to go. */
const expectResources = (before: Awaited<ReturnType<typeof countResources>>) =>
  expect.poll(countResources, { timeout: 10_000 }).toEqual(before);

/** Says one line to PID 1 of a mount pod, as the agent does. */
async function tellFirstProcess(mountPod: RunningMountPod, line: string): Promise<void> {
  // A socket's path has at most 107 bytes.
  const runDir = openSync(lab.host.path(buildMountPodRunDir(mountPod.uid, KUBELET_DIR)), 'r');
  const socket = connect(`/proc/self/fd/${runDir}/${DESCRIPTOR_SOCKET}`);
  const answered = new Promise((resolve) => socket.once('data', resolve));
  socket.write(line);
  await answered;
  socket.destroy();
  closeSync(runDir);
}

const countRecovered = (reports: SourceReport[], attachment: Attachment) =>
  states(reports, attachment).filter((state) => state === 'recovered').length;

test('200 recoveries in a row leave nothing behind', { timeout: 240_000 }, async () => {
  // Without the connections of the tests before, which end when they like.
  await lab.restartAgent();
  const { workload, mountPod, attachment } = await attachAnew();
  const reports = lab.watch();
  const recover = async (round: number) => {
    // Killed by PID 1 itself, or its back-off between two starts would take minutes.
    await tellFirstProcess(mountPod, 'RESTART\n');
    await until(`recovery ${round}`, () => countRecovered(reports, attachment) >= round);
  };
  // With what is opened at the first time and stays.
  await recover(1);
  await workload.exec(['true']);
  const before = await countResources();
  for (let round = 2; round <= 200; round++) await recover(round);

  expect(await read(workload)).toBe('hello');
  expect(countRecovered(reports, attachment)).toBe(200);
  await expectResources(before);
  expect(lab.servedMounts(mountPod)).toBe(1);
});

test('no connection is left when the last source of a mount pod goes', async () => {
  const { pod, workload } = await lab.runPod();
  await workload.exec(['true']);
  const mountPod = await lab.startMountPod();
  await lab.list();
  const before = await countResources();
  expect(await lab.attach({ pod, mountPod, s3: images() })).toBe('ok');
  expect((await countResources()).descriptors).toBeGreaterThan(before.descriptors);

  await lab.detach({ pod, mountPod, s3: images() });

  await expectResources(before);
});

test('killed during an attach of the same source: everybody has it, once', async () => {
  const { workload, mountPod, attachment } = await attachAnew();
  const others = [await lab.runPod(), await lab.runPod(), await lab.runPod()];
  await killRclone(mountPod);

  const attach = async ({ pod }: (typeof others)[number]) => {
    // As the worker does, which tries again soon.
    await until('it is attached', async () => (await lab.attach({ ...attachment, pod })) === 'ok');
  };
  await Promise.all(others.map(attach));

  for (const one of [workload, ...others.map((other) => other.workload)]) await untilReadable(one);
  await until('rclone serves once', () => lab.servedMounts(mountPod) === 1);
});

test('killed while two pods show it and one of them is detached or unpublished', async () => {
  const { mountPod, attachment, pod } = await attachAnew();
  const [second, third] = [await lab.runPod(), await lab.runPod()];
  for (const one of [second, third])
    expect(await lab.attach({ ...attachment, pod: one.pod })).toBe('ok');
  await killRclone(mountPod);

  const [detached] = await Promise.all([lab.detach(attachment), lab.unpublish(second.pod)]);

  expect(detached.outcome).toBe('ok');
  await untilReadable(third.workload);
  const left = await lab.mounts();
  expect(left.filter((path) => path.endsWith(`${pod.uid}/data`))).toEqual([]);
  expect(left.filter((path) => path.includes(second.pod.uid))).toEqual([]);
});

test('what a killed rclone had not uploaded is in the bucket when all is back', async () => {
  lab.storage.makeBucket('cached');
  const s3 = lab.storage.bucket('cached');
  const { workload, mountPod, attachment } = await attachAnew({ s3, writeMode: 'cached' });
  const script =
    'exec 3> data/late; trap "echo kept >&3; exit 0" TERM; echo ready; while :; do sleep 0.05; done';
  const writer = await workload.start(['sh', '-c', script], /ready/);
  await lab.storage.stop();
  await writer.stop('SIGTERM');
  const reports = lab.watch();
  await killRclone(mountPod);
  expect(lab.storage.has('cached', 'late')).toBe(false);

  await lab.storage.startAgain();

  await until('it is back', () => states(reports, attachment).includes('recovered'), 60_000);
  await until('it is uploaded', () => lab.storage.has('cached', 'late'), 60_000);
  expect(lab.storage.read('cached', 'late')).toBe('kept\n');
});

test('tells why it cannot be brought back, goes on trying, and succeeds by itself', async () => {
  const reports = lab.watch();
  const { workload, mountPod, attachment } = await attachAnew();
  await lab.storage.stop();
  await killRclone(mountPod);

  const told = await until(
    'the reason is told',
    () => reports.find((one) => one.message.includes('mounting it anew fails')),
    60_000,
  );

  expect(told.state).toBe('dead');
  expect(told.message).toContain(`${lab.storage.endpoint} cannot be reached from the mount pod`);
  await lab.storage.startAgain();
  await until('it is back', () => states(reports, attachment).includes('recovered'), 60_000);
  expect(await read(workload)).toBe('hello');
});

test('a mount pod that is gone is told, and the next one serves every pod after one attach', async () => {
  const reports = lab.watch();
  const { workload, mountPod, attachment } = await attachAnew();
  const second = await lab.runPod();
  expect(await lab.attach({ ...attachment, pod: second.pod })).toBe('ok');
  await mountPod.service.stop('SIGKILL');
  await until('it is told', () => states(reports, attachment).includes('dead'));
  expect(reports[0]?.targets).toHaveLength(2);
  const successor = await lab.startMountPod({ sharingKey: mountPod.sharingKey });

  expect(await lab.attach({ ...attachment, mountPod: successor })).toBe('ok');

  expect(await read(workload)).toBe('hello');
  await untilReadable(second.workload);
  expect(lab.servedMounts(successor)).toBe(1);
  await until('it is told', () => states(reports, attachment).at(-1) === 'recovered');
});

test('a source that was released is not brought back', async () => {
  const { pod, mountPod, attachment } = await attachAnew();
  const reports = lab.watch();
  await lab.unpublish(pod);
  await killRclone(mountPod);
  await lab.waitForRclone(mountPod);

  // One that comes later is all that is served.
  const { pod: other } = await lab.runPod();
  expect(
    await lab.attach({
      ...attachment,
      pod: other,
      s3: lab.storage.bucket('images', { prefix: 'x' }),
    }),
  ).toBe('ok');
  expect(lab.servedMounts(mountPod)).toBe(1);
  expect(states(reports, attachment)).toEqual([]);
});

test('an agent that was restarted tells of a dead source, and the next attach heals it for all pods', async () => {
  const { workload, mountPod, attachment } = await attachAnew();
  const second = await lab.runPod();
  expect(await lab.attach({ ...attachment, pod: second.pod })).toBe('ok');
  await lab.restartAgent('SIGKILL');
  const reports = lab.watch();
  await killRclone(mountPod);

  await until('it is told', () => states(reports, attachment).includes('dead'));
  expect(reports.at(-1)?.message).toContain('waits for the next attach');
  expect(reports.at(-1)?.targets).toHaveLength(2);
  expect(await lab.attach(attachment)).toBe('ok');

  expect(await read(workload)).toBe('hello');
  await untilReadable(second.workload);
  await until('it is told', () => states(reports, attachment).at(-1) === 'recovered');
});
