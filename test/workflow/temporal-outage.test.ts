// What becomes of claims when Temporal goes away, for a while or with its database?
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { AUDIT_SCHEDULE_ID, TASK_QUEUE } from '../../api/names.ts';
import { createBridge } from '../../watch/bridge.ts';
import type { Bridge } from '../../watch/bridge.ts';
import { keepTemporal } from '../../workers/keep-temporal.ts';
import { ensureSearchAttributes } from '../../workers/search-attributes.ts';
import { createClaimSignaller } from '../../workers/temporal.ts';
import { waitUntil } from '../wait-until.ts';
import { Lab, Scene } from './lab.ts';
import type { ClaimStory } from './lab.ts';
import { watchMounts } from './mount-watch.ts';
import { OwnTemporal } from './own-temporal.ts';

const log = pino({ level: 'silent' });
/** Connections are made anew with a back-off, and a lost attempt is noticed after 5 s. */
const BACK_MS = 60_000;

let temporal: OwnTemporal;
let lab: Lab;
let scene: Scene;
let bridge: Bridge;

beforeEach(async () => {
  temporal = await OwnTemporal.start();
  lab = await Lab.startOn(temporal.address);
  scene = new Scene(lab);
  const { nativeConnection } = lab.environment;
  await ensureSearchAttributes(nativeConnection, 'default');
  const { kubernetes } = scene.cluster;
  const target = { connection: nativeConnection, namespace: 'default', kubernetes, log };
  const signalWithStart = createClaimSignaller(target);
  bridge = createBridge({ signalWithStart, log });
});

afterEach(async () => {
  await bridge.stop();
  await lab.stop();
  await temporal.remove();
});

/** As a controller, with a worker on the product's queue. */
async function run(story: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const { nativeConnection: connection } = lab.environment;
  const lookAtAll = () => [...scene.cluster.claims.values()].forEach((claim) => bridge.look(claim));
  const target = { connection, namespace: 'default', log, onLost: lookAtAll, everyMs: 500 };
  const kept = keepTemporal(target, stop.signal);
  const worker = await lab.createWorker(scene, { taskQueue: TASK_QUEUE });
  await worker.runUntil(story().finally(() => stop.abort()));
  await kept;
}

function look(claim: ClaimStory): void {
  if (claim.object) bridge.look(claim.object);
}

async function createAttached(): Promise<ClaimStory> {
  const claim = scene.create();
  // A server that has just learned of search attributes may refuse them for some seconds.
  look(claim);
  await claim.reason('Attached', BACK_MS);
  return claim;
}

async function end(claim: ClaimStory): Promise<void> {
  scene.cluster.delete(claim.key);
  look(claim);
  await waitUntil('the claim is gone', () => claim.object === undefined, BACK_MS);
  expect(scene.agents.mounts.size).toBe(0);
  expect(scene.cluster.mountPods()).toEqual([]);
}

it('a claim that attaches while Temporal is restarted is attached once', async () => {
  await run(async () => {
    const broken = watchMounts(scene);
    const gate = Promise.withResolvers<void>();
    scene.agents.attachGate = () => gate.promise;
    const claim = scene.create();
    look(claim);
    await waitUntil('it attaches', () => scene.agents.calls.includes('attach'), BACK_MS);

    await temporal.stop();
    gate.resolve();
    await waitUntil('it is mounted', () => scene.agents.mounts.size === 1);
    await temporal.start();
    await claim.reason('Attached', BACK_MS);

    expect(scene.cluster.writes.filter((write) => write.startsWith('create pod'))).toHaveLength(1);
    expect(scene.agents.calls).not.toContain('detach');
    await end(claim);
    expect(broken).toEqual([]);
  });
});

it('what was told while Temporal was away is done when it is back', async () => {
  await run(async () => {
    const claim = await createAttached();

    await temporal.stop();
    scene.cluster.edit(claim.key, { readOnly: true });
    look(claim);
    const other = scene.create({ metadata: { name: 'films' }, spec: { mountpoint: '/films' } });
    look(other);
    expect(scene.agents.mounts.get('uid-web-1/data')?.readOnly).toBe(false);
    await temporal.start();

    await claim.reason('Attached', BACK_MS);
    await other.reason('Attached', BACK_MS);
    expect(scene.agents.mounts.get('uid-web-1/data')?.readOnly).toBe(true);
    scene.cluster.delete(other.key);
    look(other);
    await waitUntil('the other claim is gone', () => other.object === undefined, BACK_MS);
    await end(claim);
  });
});

it('a lost database costs no mount: workflows start again from the claims and adopt what is there', async () => {
  await run(async () => {
    const broken = watchMounts(scene);
    const claim = await createAttached();
    const before = structuredClone(scene.agents.mounts);
    const { runId } = await claim.handle.describe();

    await temporal.stop();
    await temporal.loseDatabase();
    await temporal.start();
    await waitUntil('the claim has another workflow', () => hasOtherRun(claim, runId), BACK_MS);
    await waitUntil('it has asked the nodes', () => scene.agents.calls.includes('list'), BACK_MS);
    await claim.reason('Attached');
    await waitUntil('it has attached', async () => isServed(claim));

    expect(scene.agents.calls).not.toContain('detach');
    expect(scene.agents.mounts).toEqual(before);
    expect(scene.cluster.mountPods()).toHaveLength(1);
    expect(broken).toEqual([]);
    await end(claim);
  });
});

it('a claim that an older database of the API server brings back is served again', async () => {
  await run(async () => {
    const claim = await createAttached();
    const former = structuredClone(claim.object);
    await end(claim);
    await waitUntil('its workflow has completed', () => hasCompleted(claim), BACK_MS);

    if (former) scene.cluster.claims.set(claim.key, former);
    look(claim);

    await waitUntil('it is mounted', () => scene.agents.mounts.size === 1, BACK_MS);
    await end(claim);
  });
});

async function hasCompleted(claim: ClaimStory): Promise<boolean> {
  return (await claim.handle.describe()).status.name === 'COMPLETED';
}

async function hasOtherRun(claim: ClaimStory, runId: string): Promise<boolean> {
  try {
    return (await claim.handle.describe()).runId !== runId;
  } catch {
    return false;
  }
}

async function isServed(claim: ClaimStory): Promise<boolean> {
  const { mounts } = await claim.query<{ mounts: Record<string, { served?: object }> }>('status');
  return Object.values(mounts).every(({ served }) => served !== undefined);
}

it('the audit has its schedule where the controller may not register search attributes', async () => {
  const { nativeConnection } = lab.environment;
  const operatorService = {
    listSearchAttributes: () => Promise.reject(new Error('PERMISSION_DENIED')),
  };
  const connection = Object.create(nativeConnection, {
    operatorService: { value: operatorService },
  });
  const stop = new AbortController();
  const kept = keepTemporal(
    { connection, namespace: 'default', log, onLost: () => {}, everyMs: 500 },
    stop.signal,
  );
  const { schedule } = lab.environment.client;
  const find = () =>
    schedule
      .getHandle(AUDIT_SCHEDULE_ID)
      .describe()
      .catch(() => undefined);

  await waitUntil('the schedule is there', async () => (await find()) !== undefined, BACK_MS);

  stop.abort();
  await kept;
});
