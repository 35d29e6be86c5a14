// Does everything come right, and is nothing left, wherever the agent is killed?
import { readdirSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { STAGE_DIR, XVOLS_DIR } from '../../api/paths.ts';
import { type Failpoint, FAILPOINTS } from '../../csi-node/failpoints.ts';
import type { Workload } from './host.ts';
import { type Attachment, buildSourceKey, Lab, type Pod } from './lab.ts';
import { openFile } from './open-file.ts';
import { until } from './processes.ts';
import { startReader } from './reader.ts';

/** One life of a volume: what happens in it, and what the agent is started with. */
interface Life {
  /** Something keeps the mount busy, so that this has to use force. */
  busyAt?: 'detach' | 'unpublish';
  env?: Record<string, string>;
  /** The mount is dead before it is swapped. */
  killsRclone?: boolean;
  /** The reader may see the gap of kernels before 6.5. */
  mayFail?: boolean;
}

const LIVES = {
  plain: {},
  'without MOVE_MOUNT_BENEATH': {
    env: { KERNEL_FEATURES_OFF: 'moveMountBeneath' },
    mayFail: true,
  },
  'with a forced detach': { busyAt: 'detach' },
  'with a forced unpublish': { busyAt: 'unpublish' },
} satisfies Record<string, Life>;

type LifeName = keyof typeof LIVES;

/** Failpoints that a plain life does not reach. */
const ELSEWHERE: Partial<Record<Failpoint, LifeName>> = {
  'swap: old mount gone before the new one came': 'without MOVE_MOUNT_BENEATH',
  'detach: connection aborted': 'with a forced detach',
  'detach: lazily unmounted': 'with a forced detach',
  'unpublish: connection aborted': 'with a forced unpublish',
  'unpublish: forced': 'with a forced unpublish',
};

/** What must have killed an earlier agent, for this one to be reached. */
const BEFORE: Partial<Record<Failpoint, Failpoint>> = {
  'swap: interrupted one finished': 'swap: new mount beneath',
};

let lab: Lab;
/** Descriptors that an agent keeps after a whole life without a crash. */
const kept = new Map<LifeName, number>();

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(async () => {
  lab.closeCallers();
  await lab.agent.stop('SIGKILL');
});

const hasEnded = () => lab.agent.child.exitCode !== null || lab.agent.child.signalCode !== null;

/** Repeats a call as the kubelet and the controller do, and starts the agent again whenever it has been killed. */
function makeInsistent(env: Record<string, string>, failpoints: Failpoint[]) {
  const left = [...failpoints];
  return async (what: string, call: () => Promise<string | void>) => {
    let outcome: string | void = '';
    const succeed = async () => {
      outcome = await call().catch(String);
      if ((outcome ?? 'ok') === 'ok') return true;
      if (!hasEnded()) return false;
      left.shift();
      await lab.restartAgent('SIGKILL', { ...env, FAILPOINT: left[0] ?? '' });
      return false;
    };
    await until(what, succeed, 40_000).catch((error: unknown) => {
      throw new Error(`${what}: ${String(outcome)}`, { cause: error });
    });
    return left;
  };
}

function observeDescriptors(): string[] {
  const folder = `/proc/${lab.agent.pid}/fd`;
  return readdirSync(folder).map((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`);
    } catch {
      return ''; // closed while we looked
    }
  });
}

async function checkShown(pod: Pod, workload: Workload): Promise<void> {
  expect((await workload.exec(['cat', 'data/hello.txt'])).stdout).toBe('hello\n');
  const layers = (await lab.mounts()).filter((path) => path === `${pod.targetPath}/data`);
  expect(layers).toHaveLength(1);
}

async function checkNothingIsLeft(before: string[], { pod, mountPod }: Attachment): Promise<void> {
  await until('the mount pod ends', () => mountPod.service.child.exitCode === 0);
  expect(await lab.mounts()).toEqual(before);
  for (const folder of [XVOLS_DIR, STAGE_DIR, dirname(pod.targetPath)])
    expect(readdirSync(lab.host.path(folder))).toEqual([]);
  expect(observeDescriptors().filter((link) => link.endsWith('/dev/fuse'))).toEqual([]);
}

/** Publish, attach, swap by a remount, detach and unpublish; the failpoints that were not reached. */
async function live(life: Life, failpoints: Failpoint[]): Promise<Failpoint[]> {
  const env = life.env ?? {};
  await lab.startAgent({ ...env, FAILPOINT: failpoints[0] ?? '' });
  const before = await lab.mounts();
  const insist = makeInsistent(env, failpoints);
  const pod = lab.makePod();
  const mountPod = await lab.startMountPod();
  const first: Attachment = { pod, mountPod, s3: lab.storage.bucket('images') };
  const second: Attachment = {
    ...{ ...first, remounts: 1 },
    replacesSourceKey: buildSourceKey(mountPod, first.s3),
    replacedMountPods: [mountPod],
  };

  await insist('publish', () => lab.publish(pod));
  const workload = await lab.startWorkload(pod);
  await insist('attach', () => lab.attach(first));
  await checkShown(pod, workload);
  if (life.killsRclone) {
    lab.signalRclone(mountPod, 'SIGKILL');
    await insist('repair', async () => {
      const outcome = await lab.attach(first);
      const { status } = await workload.exec(['cat', 'data/hello.txt']);
      return status === 0 ? outcome : 'it is still dead';
    });
    await checkShown(pod, workload);
  }
  const stopReader = await startReader(workload);
  await insist('swap', () => lab.attach(second));
  const { errors } = await stopReader();
  expect(life.mayFail ? 0 : errors).toBe(0);
  await checkShown(pod, workload);

  const holder = life.busyAt === undefined ? undefined : await openFile(workload);
  const detach = async () => {
    const { results } = await lab.detachResponse(second, { force: life.busyAt === 'detach' });
    return results[0]?.code === '' ? 'ok' : results[0]?.message;
  };
  if (life.busyAt !== 'unpublish') await insist('detach', detach);
  await insist('unpublish', () => lab.unpublish(pod));
  await holder?.stop('SIGKILL');
  await workload.stop('SIGKILL');
  const left = await insist('retire', async () => {
    const { retired } = await lab.detach(second);
    return retired.includes(mountPod.uid) ? 'ok' : 'the mount pod is kept';
  });
  await checkNothingIsLeft(before, first);
  return left;
}

test.for(Object.keys(LIVES) as LifeName[])('a life %s leaves nothing', async (name) => {
  await live(LIVES[name], []);
  lab.closeCallers();
  kept.set(name, observeDescriptors().length);
});

test.for(FAILPOINTS)('killed at "%s"', async (failpoint) => {
  const name = ELSEWHERE[failpoint] ?? 'plain';
  const before = BEFORE[failpoint];

  const left = await live(LIVES[name], [...(before ? [before] : []), failpoint]);

  expect(left).toEqual([]);
  lab.closeCallers();
  await until(
    'no more descriptors than after a life without a crash',
    () => observeDescriptors().length <= (kept.get(name) ?? 0),
  );
});

test('killed between the two steps of a repair', async () => {
  expect(await live({ killsRclone: true }, ['swap: new mount beneath'])).toEqual([]);
});
