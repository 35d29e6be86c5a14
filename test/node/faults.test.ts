// What does each fault of the table do to a mount, and does it heal by itself?
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  AT_MOUNT,
  ELSEWHERE,
  LAB_ROWS,
  LATER,
  NOT_HERE,
  type ReadUnderFault,
  UNREADY,
  WHILE_MOUNTED,
} from './fault-table.ts';
import { buildFuseServer, setFuseMode } from './fuse-server.ts';
import type { Workload } from './host.ts';
import { type Attachment, buildSourceKey, Lab } from './lab.ts';
import { until } from './processes.ts';
import { S3Proxy } from './s3-proxy.ts';

let lab: Lab;
let proxy: S3Proxy;
let fuseServer: string;
let buckets = 0;

beforeAll(async () => {
  lab = await Lab.make();
  proxy = await S3Proxy.start(lab.storage.endpoint);
  fuseServer = await buildFuseServer(lab.directory);
  await lab.startAgent();
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});
afterEach(() => {
  proxy.set(undefined);
  lab.closeCallers();
});

/** A pod, a mount pod and a bucket of its own behind the proxy; nothing is attached. */
async function prepare(firstOnPath?: string) {
  const bucket = `bucket-${buckets++}`;
  lab.storage.makeBucket(bucket, { 'hello.txt': 'hello\n' });
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod(firstOnPath === undefined ? {} : { firstOnPath });
  const s3 = lab.storage.bucket(bucket, { endpoint: proxy.endpoint });
  const attachment: Attachment = { pod, mountPod, s3 };
  await lab.waitForRclone(mountPod);
  return { bucket, workload, mountPod, attachment };
}

/** What reading the file gives: its text, or the error. */
async function read(workload: Workload, mountpoint = 'data'): Promise<string> {
  const { stdout, stderr } = await workload.exec(['cat', `${mountpoint}/hello.txt`]);
  return stdout || stderr;
}

const describeFault = ({ kind, ...rest }: ReadUnderFault['fault']) =>
  [kind, ...Object.values(rest).filter((value) => typeof value !== 'function')].join(' ');

describe('the storage misbehaves while a source is mounted', () => {
  const rows = AT_MOUNT.map((row) => [row.row, row.code, describeFault(row.fault), row] as const);

  test.for(rows)('%s: %s for "%s", and it heals', async ([, , , { fault, code }]) => {
    const { workload, mountPod, attachment } = await prepare();
    const before = await lab.mounts();
    proxy.set(fault);

    expect(await lab.attach(attachment)).toMatch(new RegExp(`^${code}: .*\\(.*\\)$`));

    expect(await lab.mounts()).toEqual(before);
    await lab.waitForNoServedMounts(mountPod);
    proxy.set(undefined);
    expect(await lab.attach(attachment)).toBe('ok');
    expect(await read(workload)).toBe('hello\n');
  });
});

describe('the storage misbehaves under a reader', () => {
  const rows = WHILE_MOUNTED.map(
    (row) => [row.row, row.read, describeFault(row.fault), row] as const,
  );

  test.for(rows)('%s: %s for "%s", and the mount stays', async ([, , , row]) => {
    const { workload, mountPod, attachment } = await prepare();
    expect(await lab.attach(attachment)).toBe('ok');
    const table = await lab.mounts();
    proxy.set({ ...row.fault, applies: row.applies() });
    const since = proxy.requests.length;

    expect(await read(workload)).toContain(row.read === 'right' ? 'hello\n' : row.read);

    expect(proxy.requests.length).toBeGreaterThan(since);
    const attach = async () => (await lab.attach(attachment)).split(':')[0];
    if (row.attach !== 'ok') await until('it is told', async () => (await attach()) !== 'ok');
    expect(await attach()).toBe(row.attach);
    proxy.set(undefined);
    await until('it is read', async () => (await read(workload)) === 'hello\n');
    expect(await lab.mounts()).toEqual(table);
    expect(lab.servedMounts(mountPod)).toBe(1);
  });

  test('F23: a read that the storage never answers goes on when it answers again', async () => {
    const { workload, attachment } = await prepare();
    const other = await prepare();
    expect(await lab.attach(attachment)).toBe('ok');
    proxy.set({ kind: 'blackHole', applies: ({ path }) => path.includes(attachment.s3.bucket) });
    const since = proxy.requests.length;
    const waiting = read(workload);
    await until('the storage is asked', () => proxy.requests.length > since);

    // Neither the agent nor another mount waits with it.
    expect(await lab.attach(attachment)).toBe('ok');
    expect(await lab.attach(other.attachment)).toBe('ok');
    expect(await read(other.workload)).toBe('hello\n');
    proxy.set(undefined);

    expect(await waiting).toBe('hello\n');
  });
});

describe('the server behind the mount misbehaves', () => {
  test.for(UNREADY.map((row) => [row.row, row.mode, row] as const))(
    '%s: %s at its root is not shown, and heals',
    async ([, , { mode, message }]) => {
      const { workload, mountPod, attachment } = await prepare(fuseServer);
      const before = await lab.mounts();
      await setFuseMode(lab, mountPod, mode);

      expect(await lab.attach(attachment)).toMatch(message);

      expect(await lab.mounts()).toEqual(before);
      await setFuseMode(lab, mountPod, 'ok');
      await lab.waitForNoServedMounts(mountPod);
      expect(await lab.attach(attachment)).toBe('ok');
      expect(await read(workload)).toBe('hello\n');
    },
  );

  test.for(LATER.map((row) => [row.row, row.mode, row.of, row] as const))(
    '%s: %s of %s, and both are right again with one layer each',
    async ([, , , { mode, of }]) => {
      const { workload, mountPod, attachment } = await prepare(fuseServer);
      const second = { ...attachment, mountpoint: 'other', s3: { ...attachment.s3, prefix: 'p' } };
      for (const one of [attachment, second]) expect(await lab.attach(one)).toBe('ok');
      const before = (await lab.mounts()).sort();
      const source = of === 'all' ? '' : buildSourceKey(mountPod, attachment.s3);

      await setFuseMode(lab, mountPod, mode, source);

      const untouched = of === 'one mount' ? ['other'] : [];
      for (const place of untouched) expect(await read(workload, place)).toBe('hello\n');
      for (const [one, place] of [
        [attachment, 'data'],
        [second, 'other'],
      ] as const)
        await until('it is right again', async () => {
          await lab.attach(one);
          return (await read(workload, place)) === 'hello\n';
        });
      await until(
        'one layer each',
        async () => String((await lab.mounts()).sort()) === String(before),
      );
      await until('two mounts', () => lab.servedMounts(mountPod) === 2);
    },
  );

  test('F24: a slow server is waited for, and is not taken for a hung one', async () => {
    const { workload, mountPod, attachment } = await prepare(fuseServer);
    expect(await lab.attach(attachment)).toBe('ok');
    const table = await lab.mounts();
    await setFuseMode(lab, mountPod, 'slow');

    expect(await read(workload)).toBe('hello\n');

    expect(await lab.attach(attachment)).toBe('ok');
    expect(await lab.mounts()).toEqual(table);
    expect(lab.servedMounts(mountPod)).toBe(1);
  });
});

test('I4: a whole life that nobody reads in lists the bucket, and does nothing else to it', async () => {
  const { workload, mountPod, attachment } = await prepare();
  const since = proxy.requests.length;
  const replacesSourceKey = buildSourceKey(mountPod, attachment.s3);
  const next = { ...attachment, remounts: 1, replacesSourceKey, replacedMountPods: [mountPod] };

  expect(await lab.attach(attachment)).toBe('ok');
  expect(await lab.attach(next)).toBe('ok');
  lab.signalRclone(mountPod, 'SIGKILL');
  await until('it is repaired', async () => {
    await lab.attach(next);
    return (await workload.exec(['stat', 'data'])).status === 0;
  });
  await lab.detach(next);
  await lab.unpublish(attachment.pod);

  expect(Object.keys(proxy.countByMethod(since))).toEqual(['GET']);
  const asked = proxy.requests.slice(since).map(({ path }) => path);
  expect(asked.filter((path) => !path.includes('prefix=.dynvol-preflight-'))).toEqual([]);
});

test('F9: a mount pod whose rclone does not start tells why in its log, tries ever more rarely, and ends', async () => {
  const { pod } = await lab.runPod();
  const mountPod = await lab.startMountPod({ args: ['--no-such-flag'] });
  const attachment = { pod, mountPod, s3: lab.storage.bucket('bucket-0') };
  const attached = lab.attach(attachment);

  await until('it has tried often', () => mountPod.service.output().includes('next start in 800'));

  expect(mountPod.service.output()).toMatch(/unknown flag: --no-such-flag/);
  const { results, retiredMountPods } = await lab.detachResponse(attachment);
  expect(await attached).toMatch(/^OPERATION_PENDING: /);
  expect(results[0]).toMatchObject({ code: '' });
  expect(retiredMountPods).toEqual([mountPod.uid]);
});

describe('the node misbehaves', () => {
  test('F21: without /dev/fuse the agent does not start and says so, and starts when it is there', async () => {
    await lab.host.exec(['mount', '--bind', '/dev/null', '/dev/fuse']);

    await expect(lab.restartAgent('SIGKILL')).rejects.toThrow(
      'kernel 5.15 or newer with /dev/fuse is needed',
    );

    await lab.host.exec(['umount', '/dev/fuse']);
    await lab.startAgent();
    const { workload, attachment } = await prepare();
    expect(await lab.attach(attachment)).toBe('ok');
    expect(await read(workload)).toBe('hello\n');
  });

  test('when the folder of the kubelet is not shared the agent does not start and says how to mend it, and starts then', async () => {
    const folder = '/var/lib/kubelet';
    await lab.host.exec(['mount', '--bind', folder, folder]);
    await lab.host.exec(['mount', '--make-private', folder]);

    await expect(lab.restartAgent('SIGKILL')).rejects.toThrow(
      `${folder} is not a shared mount: its volumeMount needs mountPropagation: Bidirectional, and on the host its file system must be shared (mount --make-rshared /)`,
    );

    await lab.host.exec(['umount', folder]);
    await lab.startAgent();
    const { workload, attachment } = await prepare();
    expect(await lab.attach(attachment)).toBe('ok');
    expect(await read(workload)).toBe('hello\n');
  });

  test('F39: with a full disk a publish fails by name, live mounts go on, and it heals', async () => {
    const { workload, attachment } = await prepare();
    expect(await lab.attach(attachment)).toBe('ok');
    const pod = lab.makePod();
    const before = await lab.mounts();
    const remount = (size: string) => lab.host.exec(['mount', '-o', `remount,${size}`, '/var/lib']);
    const used = (await lab.host.exec(['stat', '-f', '-c', '%c %d', '/var/lib'])).stdout.trim();
    const [all, free] = used.split(' ').map(Number);
    await remount(`nr_inodes=${(all ?? 0) - (free ?? 0)}`);

    await expect(lab.publish(pod)).rejects.toThrow(
      /no space or inodes left for the directory xvols/,
    );

    expect(await read(workload)).toBe('hello\n');
    await remount(`nr_inodes=${all}`);
    expect(await lab.mounts()).toEqual(before);
    await lab.publish(pod);
    await lab.unpublish(pod);
    expect(await lab.mounts()).toEqual(before);
  });
});

test('every row that another file proves is still there', () => {
  const isThere = ({ file, title }: { file: string; title: string }) =>
    readFileSync(join(import.meta.dirname, file), 'utf8').includes(title);
  expect(ELSEWHERE.filter((row) => !isThere(row))).toEqual([]);
});

test('every row is injected here, proven elsewhere, or left out for a reason', () => {
  const tables = [...AT_MOUNT, ...WHILE_MOUNTED, ...UNREADY, ...LATER, ...ELSEWHERE];
  const found = [...tables.map((one) => one.row), ...Object.keys(NOT_HERE)];
  expect(LAB_ROWS.filter((row) => !found.includes(row))).toEqual([]);
});
