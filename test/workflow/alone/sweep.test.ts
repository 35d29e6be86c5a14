// Does a claim's way end well wherever a worker is lost on it?
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aPod } from '../../builders/objects.ts';
import { waitUntil } from '../../wait-until.ts';
import { KillableWorker } from '../killable-worker.ts';
import type { Stage } from '../killable-worker.ts';
import { Lab, Scene } from '../lab.ts';
import type { ClaimStory } from '../lab.ts';
import { watchMounts } from '../mount-watch.ts';

/** Scenes whose workers are killed with one process. */
const SCENES_AT_ONCE = 24;
/** A lost attempt on a node is noticed after 5 s; so many may follow each other. */
const STEP_MS = 180_000;

/** Where a kill must have left an effect that nobody was told of. */
const EFFECTS = [
  'after API patchClaimFinalizers',
  'after API createPod',
  'after API removePod',
  'after API patchClaimStatus',
  'after agent attach',
  'after agent detach',
  'after agent list',
  'after activity observeClaim',
  'after activity findLeftMounts',
  'after activity attachNode',
  'after activity detachNode',
  'after activity writeStatus',
  'after activity releaseClaim',
];

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

interface Run {
  /** Boundary at which the worker was killed; absent when the way had fewer. */
  killedAt?: string;
  /** Boundaries up to the kill, or to the end. */
  passed: string[];
  broken: string[];
}

interface Way {
  /** What has happened before the worker that is to be killed begins. */
  prepare(scene: Scene): Promise<ClaimStory>;
  /** Goes the way; `last` is called where its worker need not be killed any more. */
  go(scene: Scene, claim: ClaimStory, last: () => void): Promise<void>;
}

/** Two pods get the storage, then other storage, then the claim is deleted. */
const wholeLife: Way = {
  prepare: async (scene) => scene.create(),
  async go(scene, claim, last) {
    await attach(claim);
    expect(listBuckets(scene)).toEqual(['photos', 'photos']);

    await claim.edit({ s3Config: { bucket: 'films', endpoint: 'https://s3.example.com' } });
    await claim.reason('Attached', STEP_MS);
    expect(listBuckets(scene)).toEqual(['films', 'films']);
    expect(scene.agents.staged.size).toBe(2);
    expect(scene.cluster.mountPods()).toHaveLength(2);

    await end(scene, claim);
    last();
  },
};

/** A workflow that finds the mounts of one that was lost. */
const adoption: Way = {
  async prepare(scene) {
    const claim = scene.create();
    const worker = await lab.createWorker(scene);
    await worker.runUntil(attach(claim));
    await claim.handle.terminate('test');
    return claim;
  },
  async go(scene, claim, last) {
    const mounts = structuredClone(scene.agents.mounts);
    const told = scene.cluster.statuses.length;
    await claim.look();
    const isTold = () => scene.cluster.statuses.length > told;
    await waitUntil('it has told that it serves', isTold, STEP_MS);
    last();

    expect(scene.agents.mounts).toEqual(mounts);
    await end(scene, claim);
  },
};

async function attach(claim: ClaimStory): Promise<void> {
  await claim.look();
  await claim.reason('Attached', STEP_MS);
}

async function end(scene: Scene, claim: ClaimStory): Promise<void> {
  await claim.end();
  expect(claim.object).toBeUndefined();
  expect(scene.agents.mounts.size).toBe(0);
  expect(scene.agents.staged.size).toBe(0);
  expect(scene.cluster.mountPods()).toEqual([]);
}

function listBuckets({ agents }: Scene): string[] {
  return [...agents.mounts.values()].map((mount) => mount.bucket);
}

interface Prepared extends Stage {
  claim: ClaimStory;
  broken: string[];
}

async function prepare(way: Way, at: Stage['at']): Promise<Prepared> {
  const scene = new Scene(lab);
  scene.workflowTaskTimeout = '5 seconds';
  scene.cluster.putPod(aPod({ name: 'web-2' }));
  const broken = watchMounts(scene);
  return { at, scene, broken, claim: await way.prepare(scene) };
}

/** Goes a way several times at once, each with its worker killed at its own boundary, where another takes over. */
async function killAt(way: Way, boundaries: Stage['at'][]): Promise<Run[]> {
  const stages = await Promise.all(boundaries.map((at) => prepare(way, at)));
  await using victim = await KillableWorker.start(lab, stages);
  const safe = new Set<Scene>();
  const all = Promise.all(
    stages.map(({ scene, claim }) => way.go(scene, claim, () => safe.add(scene))),
  );
  all.catch(() => undefined);
  const isStopped = ({ scene }: Stage) => safe.has(scene) || victim.heldAt(scene) !== undefined;
  const allStopped = () => stages.every(isStopped);
  await Promise.race([all, waitUntil('every worker is stopped', allStopped, 2 * STEP_MS)]);
  await victim.kill();
  await takeOver(stages, all);
  return stages.map(({ scene, broken }) => {
    const killedAt = victim.heldAt(scene);
    const run = { passed: victim.passed(scene), broken };
    return { ...run, ...(killedAt === undefined ? {} : { killedAt }) };
  });
}

async function takeOver(stages: Stage[], done: Promise<unknown>): Promise<void> {
  const workers = await Promise.all(stages.map(({ scene }) => lab.createWorker(scene)));
  await Promise.all(workers.map((worker) => worker.runUntil(done)));
}

/** Kills at the first boundary, the second, and so on until there is none. */
async function killInTurn(way: Way): Promise<Run[]> {
  const runs: Run[] = [];
  while (runs.every((run) => run.killedAt !== undefined)) {
    const first = runs.length + 1;
    runs.push(
      ...(await killAt(
        way,
        Array.from({ length: SCENES_AT_ONCE }, (_, i) => first + i),
      )),
    );
  }
  return runs;
}

/**
 * Kills at every boundary. What goes on at the same time passes its boundaries in any order, so that counting may leave
 * one out: that is then killed at by its name.
 */
async function sweep(way: Way): Promise<Run[]> {
  const runs = await killInTurn(way);
  const killed = runs.flatMap((run) => run.killedAt ?? []);
  const effects = EFFECTS.filter((effect) => runs.some((run) => run.passed.includes(effect)));
  const wanted = new Set([...listAlwaysPassed(runs), ...effects]);
  const leftOut = [...wanted].filter((boundary) => !killed.includes(boundary));
  return leftOut.length > 0 ? [...runs, ...(await killAt(way, leftOut))] : runs;
}

/** Boundaries on every way that was gone to its end; an Event that is counted up, for example, is on few of them. */
function listAlwaysPassed(runs: Run[]): string[] {
  const [first, ...others] = runs.filter((run) => run.killedAt === undefined);
  return (first?.passed ?? []).filter((boundary) =>
    others.every((run) => run.passed.includes(boundary)),
  );
}

it('a worker killed at any boundary leaves nothing undone and does nothing twice', async () => {
  const sweeps = [await sweep(wholeLife), await sweep(adoption)];
  const runs = sweeps.flat();
  const killed = runs.flatMap((run) => run.killedAt ?? []);

  expect(runs.flatMap((run) => run.broken)).toEqual([]);
  const always = sweeps.flatMap(listAlwaysPassed);
  expect(always.filter((boundary) => !killed.includes(boundary))).toEqual([]);
  expect(killed).toEqual(expect.arrayContaining(EFFECTS));
}, 900_000);
