// Does a storage that fails after the attach tell its reason, keep its mount, and heal by itself?
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SourceReport } from '../../api/node-agent.ts';
import { LATER_IN_STORAGE } from './fault-table.ts';
import type { Workload } from './host.ts';
import { type Attachment, buildSourceKey, Lab, type RunningMountPod } from './lab.ts';
import { until } from './processes.ts';
import { S3Proxy } from './s3-proxy.ts';

/** The client's patience with a listing, or the pause between two of its tries, and the time that a state must last. */
const TOLD_MS = 60_000;
const TEST_MS = 180_000;

let lab: Lab;
let reports: SourceReport[];
let buckets = 0;

beforeAll(async () => {
  lab = await Lab.make();
  await lab.startAgent();
  reports = lab.watch();
});

afterAll(() => lab[Symbol.asyncDispose]());

const ROWS = LATER_IN_STORAGE.map((row) => [row.row, row.title, row] as const);

interface Scene extends AsyncDisposable {
  proxy: S3Proxy;
  workload: Workload;
  attachment: Attachment;
  /** What the agent has told of the source: its state, and of a failing one the code. */
  told: () => string[];
}

/** A bucket behind a proxy of its own, attached to a pod. */
async function prepare(shared?: RunningMountPod): Promise<Scene> {
  const bucket = `bucket-${buckets++}`;
  lab.storage.makeBucket(bucket, { 'hello.txt': 'hello\n', 'secret/key.txt': 'key\n' });
  const { pod, workload } = await lab.runPod();
  const mountPod = shared ?? (await lab.startMountPod());
  const proxy = await S3Proxy.start(lab.storage.endpoint);
  const s3 = lab.storage.bucket(bucket, { endpoint: proxy.endpoint });
  const attachment: Attachment = { pod, mountPod, s3 };
  expect(await lab.attach(attachment)).toBe('ok');
  const sourceKey = buildSourceKey(mountPod, s3);
  const told = () =>
    reports
      .filter((one) => one.sourceKey === sourceKey)
      .map(({ state, code }) => `${state} ${code}`.trim());
  return {
    proxy,
    workload,
    attachment,
    told,
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

/** Requests of our own; those of a reader may come at any time. */
function countPreflights({ requests }: S3Proxy): number {
  return requests.filter(({ path }) => path.includes('.dynvol-preflight-')).length;
}

async function read(workload: Workload, file = 'hello.txt'): Promise<string> {
  const { stdout, stderr } = await workload.exec(['cat', `data/${file}`]);
  return stdout || stderr;
}

/** Reads on until that is told; a read may hang until the storage is well again. */
async function readUntilTold({ workload, told }: Scene, report: string): Promise<void> {
  let reading: Promise<unknown> | undefined;
  const readOn = () => {
    reading ??= read(workload).finally(() => (reading = undefined));
    return told().at(-1) === report;
  };
  await until(`${report} is told`, readOn, TOLD_MS);
}

describe('the storage of a live mount', () => {
  test.concurrent.for(ROWS)(
    '%s: %s is told with its reason once somebody reads, the mount stays, and it heals',
    { timeout: TEST_MS },
    async ([, , { burst, fault, code }]) => {
      await using scene = await prepare();
      const { proxy, workload, attachment, told } = scene;
      const device = (await workload.exec(['stat', '-c', '%d', 'data'])).stdout;
      // What the client's own tries overcome is told to nobody.
      if (burst !== undefined) proxy.set({ ...burst.fault, applies: burst.applies() });
      expect(await read(workload)).toBe('hello\n');
      proxy.set(fault);

      await readUntilTold(scene, `failing ${code}`);

      const asked = countPreflights(proxy);
      expect(await lab.attach(attachment)).toMatch(new RegExp(`^${code}: .*\\(.*\\)$`));
      expect(countPreflights(proxy)).toBe(asked);
      proxy.set(undefined);
      await readUntilTold(scene, 'healthy');
      expect(await lab.attach(attachment)).toBe('ok');
      expect(await read(workload)).toBe('hello\n');
      expect((await workload.exec(['stat', '-c', '%d', 'data'])).stdout).toBe(device);
      expect(told()).toEqual([`failing ${code}`, 'healthy']);
    },
  );

  test.concurrent(
    'is asked nothing as long as nobody reads, whatever happens to another one of its mount pod',
    async () => {
      await using idle = await prepare();
      await using other = await prepare(idle.attachment.mountPod);
      const asked = idle.proxy.requests.length;
      idle.proxy.set({ kind: 'refuse' });
      other.proxy.set({ kind: 'refuse' });

      await readUntilTold(other, 'failing ENDPOINT_UNREACHABLE');
      other.proxy.set(undefined);
      await readUntilTold(other, 'healthy');

      expect(idle.proxy.requests.length).toBe(asked);
      expect(idle.told()).toEqual([]);
      expect(await lab.attach(idle.attachment)).toBe('ok');
    },
    TEST_MS,
  );

  test.concurrent(
    'is asked when one of its folders is refused, and not told to fail if it serves',
    async () => {
      await using scene = await prepare();
      const { proxy, workload, attachment, told } = scene;
      const asked = countPreflights(proxy);
      const applies = ({ path }: { path: string }) => path.includes('prefix=secret');
      proxy.set({ kind: 'error', status: 403, code: 'AccessDenied', applies });

      expect(await read(workload, 'secret/key.txt')).toContain('Input/output error');

      await until('the storage is asked', () => countPreflights(proxy) > asked, TOLD_MS);
      expect(await lab.attach(attachment)).toBe('ok');
      expect(await read(workload)).toBe('hello\n');
      expect(told()).toEqual([]);
    },
    TEST_MS,
  );

  test.concurrent(
    'heals by the next attach when nobody reads',
    async () => {
      await using scene = await prepare();
      scene.proxy.set({ kind: 'error', status: 403, code: 'AccessDenied' });
      await readUntilTold(scene, 'failing ACCESS_DENIED');
      scene.proxy.set(undefined);

      await until(
        'it is attached',
        async () => (await lab.attach(scene.attachment)) === 'ok',
        TOLD_MS,
      );

      expect(scene.told()).toEqual(['failing ACCESS_DENIED', 'healthy']);
    },
    TEST_MS,
  );
});

test('a renamed file is copied by the storage, and not read for that', async () => {
  await using scene = await prepare();
  const { proxy, workload } = scene;
  const since = proxy.requests.length;

  expect((await workload.exec(['mv', 'data/hello.txt', 'data/moved.txt'])).stderr).toBe('');

  const asked = proxy.requests.slice(since).map(({ method, path }) => `${method} ${path}`);
  expect(asked.filter((one) => /^GET .*\.txt/.test(one))).toEqual([]);
  expect(await read(workload, 'moved.txt')).toBe('hello\n');
});

test(
  'an agent that starts while a storage fails never takes it for well, and tells of it',
  async () => {
    await using scene = await prepare();
    scene.proxy.set({ kind: 'error', status: 403, code: 'AccessDenied' });
    await readUntilTold(scene, 'failing ACCESS_DENIED');
    lab.closeCallers();
    await lab.restartAgent('SIGKILL');
    reports = lab.watch();

    expect(await lab.attach(scene.attachment)).toMatch(/^ACCESS_DENIED: /);

    await until('it is told', () => scene.told().includes('failing ACCESS_DENIED'));
    scene.proxy.set(undefined);
    await readUntilTold(scene, 'healthy');
    expect(await lab.attach(scene.attachment)).toBe('ok');
  },
  TEST_MS,
);
