// Does a source become visible in a pod that is already running, and go again?
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { XVOLS_DIR } from '../../api/paths.ts';
import { buildSourceKey, Lab } from './lab.ts';
import { until } from './processes.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n', 'deep/er/file': 'deep\n' });
  lab.storage.makeBucket('other', { 'other.txt': 'other\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

const images = () => lab.storage.bucket('images');

describe('Attach', () => {
  test('shows a file in a container that already runs', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const before = await workload.exec(['ls']);

    expect(await lab.attach({ pod, mountPod, s3: images() })).toBe('ok');

    expect(before.stdout).toBe('');
    expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
    expect((await workload.exec(['cat', 'data/deep/er/file'])).stdout).toBe('deep\n');
  });

  test('shows it in a container that starts later', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    await lab.attach({ pod, mountPod, s3: images() });
    await workload.stop('SIGKILL');

    const restarted = await lab.startWorkload(pod);

    expect((await restarted.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
    expect((await lab.detach({ pod, mountPod, s3: images() })).outcome).toBe('ok');
    expect((await restarted.exec(['ls'])).stdout).toBe('');
  });

  test('changes nothing when repeated', async () => {
    const { pod } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const attachment = { pod, mountPod, s3: images() };
    await lab.attach(attachment);
    const table = await lab.host.mountinfo();

    expect(await Promise.all([lab.attach(attachment), lab.attach(attachment)])).toEqual([
      'ok',
      'ok',
    ]);

    expect(await lab.host.mountinfo()).toBe(table);
    expect(lab.servedMounts(mountPod)).toBe(1);
  });

  test('takes a write into the bucket when close returns', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    await lab.attach({ pod, mountPod, s3: images() });

    const { status } = await workload.exec(['sh', '-c', 'echo written > data/new.txt']);

    expect(status).toBe(0);
    expect(lab.storage.read('images', 'new.txt')).toBe('written\n');
  });

  test('lets any user of the workload read and write', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    await lab.attach({ pod, mountPod, s3: images() });
    const script =
      'cat data/hello.txt && mkdir data/mine && echo 1000 > data/mine/f && rm data/mine/f';

    const { status, stdout, stderr } = await workload.exec(['sh', '-c', script], { uid: 1000 });

    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'hello\n', stderr: '' });
  });

  test('lets any user unpack an archive, change modes and replace files', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    await lab.attach({ pod, mountPod, s3: images() });
    const script =
      'tar c -C /etc passwd | tar x -C data && chmod 600 data/passwd && mv data/passwd data/p && rm data/p';

    const { status, stderr } = await workload.exec(['sh', '-c', script], { uid: 1000 });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('lists a folder with one request, however many files are in it', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    for (let index = 0; index < 20; index++) lab.storage.put('many', `f${index}`, 'x');
    await lab.attach({ pod, mountPod, s3: lab.storage.bucket('many') });
    const before = lab.storage.log().length;

    await workload.exec(['ls', '-l', 'data']);

    expect(lab.storage.log().slice(before)).not.toContain('HEAD');
  });

  test('keeps a directory that a user makes, as an object', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    await lab.attach({ pod, mountPod, s3: images() });

    expect((await workload.exec(['mkdir', 'data/kept'])).status).toBe(0);

    expect(lab.storage.has('images', 'kept')).toBe(true);
  });

  test('refuses writes to a read-only claim only', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const s3 = images();
    await lab.attach({ pod, mountPod, s3, mountpoint: 'ro', readOnly: true });
    await lab.attach({ pod, mountPod, s3, mountpoint: 'rw' });

    const refused = await workload.exec(['touch', 'ro/x']);

    expect(refused.stderr).toContain('Read-only file system');
    expect((await workload.exec(['sh', '-c', 'echo x > rw/x'])).status).toBe(0);
    expect(lab.servedMounts(mountPod)).toBe(1);
  });

  test('changes a claim from read-write to read-only in place', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const attachment = { pod, mountPod, s3: images() };
    await lab.attach(attachment);

    expect(await lab.attach({ ...attachment, readOnly: true })).toBe('ok');

    expect((await workload.exec(['touch', 'data/x'])).stderr).toContain('Read-only file system');
    expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
    const layers = (await lab.mounts()).filter((path) => path === `${pod.targetPath}/data`);
    expect(layers).toHaveLength(1);
  });

  test('shows two claims in one pod and one source in two pods', async () => {
    const first = await lab.runPod();
    const second = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const s3 = images();

    await lab.attach({ pod: first.pod, mountPod, s3, mountpoint: 'a' });
    await lab.attach({
      pod: first.pod,
      mountPod,
      s3: lab.storage.bucket('other'),
      mountpoint: 'b',
    });
    await lab.attach({ pod: second.pod, mountPod, s3, mountpoint: 'c' });

    expect((await first.workload.exec(['cat', 'a/hello.txt'])).stdout).toBe('hello\n');
    expect((await first.workload.exec(['cat', 'b/other.txt'])).stdout).toBe('other\n');
    expect((await second.workload.exec(['cat', 'c/hello.txt'])).stdout).toBe('hello\n');
    expect((await second.workload.exec(['ls'])).stdout).toBe('c\n');
    expect(lab.servedMounts(mountPod)).toBe(2);
  });

  test('keeps the second pod when the first is unpublished', async () => {
    const first = await lab.runPod();
    const second = await lab.runPod();
    const mountPod = await lab.startMountPod();
    await lab.attach({ pod: first.pod, mountPod, s3: images() });
    await lab.attach({ pod: second.pod, mountPod, s3: images() });
    await first.workload.stop('SIGKILL');

    await lab.unpublish(first.pod);

    expect((await second.workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
    expect(lab.servedMounts(mountPod)).toBe(1);
  });

  test('waits for a mount pod that starts later', async () => {
    const { pod, workload } = await lab.runPod();
    const uid = pod.uid.replace(/^./, 'f');
    const mountPod = { uid, sharingKey: uid.slice(0, 8) };
    const attached = lab.attach({
      pod,
      mountPod: { ...mountPod, service: lab.agent },
      s3: images(),
    });
    await lab.startMountPod(mountPod);

    expect(await attached).toBe('ok');
    expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
  });

  test('shows an object that was put elsewhere within 10 s', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    await lab.attach({ pod, mountPod, s3: images() });
    await workload.exec(['ls', 'data']);
    lab.storage.put('images', 'late.txt', 'late\n');

    await until(
      'late.txt',
      async () => (await workload.exec(['cat', 'data/late.txt'])).status === 0,
    );
  });

  test('answers VOLUME_ROOT_MISSING for a pod that is not published, and mounts nothing', async () => {
    const mountPod = await lab.startMountPod();
    const outcome = await lab.attach({ pod: lab.makePod(), mountPod, s3: images() });
    expect(outcome).toMatch(/^VOLUME_ROOT_MISSING: /);
  });

  test('leaves a mount alone that shows the same source for another claim', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const younger = { pod, mountPod, s3: images(), claimUid: 'younger' };
    const older = { ...younger, claimUid: 'older' };
    await lab.attach(younger);

    expect(await lab.attach(older)).toMatch(/^MOUNTPOINT_OCCUPIED: .*another claim/);
    await lab.detach(younger, []);
    expect(await lab.attach(older)).toBe('ok');
    expect((await lab.detach(younger)).outcome).toBe('ok');

    expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
    await lab.detach(older);
    expect((await workload.exec(['ls'])).stdout).toBe('');
  });

  test('gives a claim the mount of one that exists no more, as it is', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const lost = { pod, mountPod, s3: images(), claimUid: 'lost' };
    await lab.attach(lost);
    const before = await workload.exec(['cat', '/proc/self/mountinfo']);
    const next = { ...lost, claimUid: 'next' };
    expect((await lab.attachResult(next)).ownerUid).toBe('lost');

    expect(await lab.attach({ ...next, vanishedClaimUids: ['other', 'lost'] })).toBe('ok');

    expect((await workload.exec(['cat', '/proc/self/mountinfo'])).stdout).toBe(before.stdout);
    expect(await lab.attach(next)).toBe('ok');
    expect((await lab.detach(next)).outcome).toBe('ok');
    expect((await workload.exec(['ls'])).stdout).toBe('');
  });

  test('answers MOUNTPOINT_OCCUPIED when another source is there, above or below', async () => {
    const { pod } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const s3 = lab.storage.bucket('other');
    await lab.attach({ pod, mountPod, s3: images(), mountpoint: 'a/b' });
    for (const mountpoint of ['a/b', 'a', 'a/b/c'])
      expect(await lab.attach({ pod, mountPod, s3, mountpoint })).toMatch(/^MOUNTPOINT_OCCUPIED: /);
    expect(lab.servedMounts(mountPod)).toBe(1);
  });

  test('replaces the former source of the same claim and releases it', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    await lab.attach({ pod, mountPod, s3: images() });
    const replacesSourceKey = buildSourceKey(mountPod, images());

    const s3 = lab.storage.bucket('other');
    expect(await lab.attach({ pod, mountPod, s3, replacesSourceKey })).toBe('ok');

    expect((await workload.exec(['ls', 'data'])).stdout).toBe('other.txt\n');
    await until('one mount', () => lab.servedMounts(mountPod) === 1);
  });

  test.for([
    ['a symbolic link', 'ln -s /etc data'],
    ['a file', 'touch data'],
    ['a directory with files', 'mkdir data; touch data/x'],
  ] as const)('answers MOUNTPOINT_UNUSABLE when there is %s', async ([, script]) => {
    const { pod } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const mounts = await lab.mounts();
    const directory = mounts.find((path) => path.startsWith(XVOLS_DIR) && path.endsWith(pod.uid));
    await lab.host.exec(['sh', '-c', `cd ${directory}; ${script}`]);

    const outcome = await lab.attach({ pod, mountPod, s3: images() });

    expect(outcome).toMatch(/^MOUNTPOINT_UNUSABLE: Mountpoint data/);
    expect(await lab.mounts()).toEqual(mounts);
    await lab.waitForNoServedMounts(mountPod);
  });
});

describe('Detach', () => {
  test('takes the mount, the source and the mount pod away', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const attachment = { pod, mountPod, s3: images(), mountpoint: 'a/b' };
    const before = await lab.mounts();
    await lab.attach(attachment);

    expect(await lab.detach(attachment)).toEqual({ outcome: 'ok', retired: [mountPod.uid] });

    expect((await workload.exec(['ls', '-A'])).stdout).toBe('');
    expect(await lab.mounts()).toEqual(before);
    await until('exit', () => mountPod.service.child.exitCode === 0);
    expect(await lab.attach(attachment)).toMatch(/^MOUNT_POD_RETIRED: /);
  });

  test('is success when nothing is there, and counts a vanished mount pod as retired', async () => {
    const mountPod = { uid: 'gone', sharingKey: 'abcdef01', service: lab.agent };
    const pod = lab.makePod();
    expect(await lab.detach({ pod, mountPod, s3: images() })).toEqual({
      outcome: 'ok',
      retired: ['gone'],
    });
  });

  test('leaves what another source shows at the mountpoint', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    await lab.attach({ pod, mountPod, s3: images() });

    const { outcome, retired } = await lab.detach({
      ...{ pod, mountPod },
      s3: lab.storage.bucket('other'),
    });

    expect({ outcome, retired }).toEqual({ outcome: 'ok', retired: [] });
    expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
  });

  test('keeps a source and its mount pod for the claim that still uses it', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const s3 = images();
    await lab.attach({ pod, mountPod, s3, mountpoint: 'a' });
    await lab.attach({ pod, mountPod, s3, mountpoint: 'b' });

    expect(await lab.detach({ pod, mountPod, s3, mountpoint: 'a' })).toEqual({
      outcome: 'ok',
      retired: [],
    });

    expect((await workload.exec(['cat', 'b/hello.txt'])).stdout).toBe('hello\n');
    expect((await workload.exec(['ls'])).stdout).toBe('b\n');
  });

  test('answers IN_USE while a file is open, and succeeds afterwards', async () => {
    const { pod, workload } = await lab.runPod();
    const mountPod = await lab.startMountPod();
    const attachment = { pod, mountPod, s3: images() };
    await lab.attach(attachment);
    const user = workload.exec(['sh', '-c', 'exec sleep 2 < data/hello.txt']);
    await until('the file is open', async () => {
      const open = await workload.exec(['sh', '-c', 'ls -l /proc/[0-9]*/fd 2>/dev/null']);
      return open.stdout.includes('/data/hello.txt');
    });

    const { outcome, retired } = await lab.detach(attachment);

    expect(outcome).toMatch(/^IN_USE: Mountpoint data is in use/);
    expect(retired).toEqual([]);
    expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
    await user;
    expect((await lab.detach(attachment)).outcome).toBe('ok');
  });

  test('ends an attach of the same claim that still waits for its mount pod', async () => {
    const { pod } = await lab.runPod();
    const mountPod = {
      uid: pod.uid.replace(/^./, 'e'),
      sharingKey: 'abcdef02',
      service: lab.agent,
    };
    const attachment = { pod, mountPod, s3: images() };
    const attached = lab.attach(attachment);
    await new Promise((resolve) => setTimeout(resolve, 200));

    await lab.detach(attachment, []);

    expect(await attached).toMatch(/^OPERATION_PENDING: /);
  });
});

test('nothing is left when every pod is gone', async () => {
  const pods = readdirSync(lab.host.path('/var/lib/kubelet/pods'));
  for (const row of (await lab.host.mountinfo()).split('\n')) {
    const mountpoint = row.split(' ')[4] ?? '';
    const uid = pods.find((pod) =>
      mountpoint.endsWith(`/pods/${pod}/volumes/kubernetes.io~csi/dynamic-volume-root-path/mount`),
    );
    if (uid !== undefined) await lab.unpublish(lab.findPod(uid));
  }
  expect(await lab.mounts()).toEqual(['/var/lib/dynamic/stage']);
});
