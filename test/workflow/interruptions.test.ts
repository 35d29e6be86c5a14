// Does a claim end right whenever, on its way to serve, it is deleted or its pod is lost?
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type {
  AttachNodeRequest,
  ClaimActivities,
  ClaimIdentity,
  DetachNodeRequest,
  ObserveRequest,
  ReleaseClaimRequest,
  WriteStatusRequest,
} from '../../activities/contract.ts';
import { createActivities } from '../../activities/index.ts';
import { aPod } from '../builders/objects.ts';
import { waitUntil } from '../wait-until.ts';
import { withAgentBoundaries, withBoundaries } from './boundaries.ts';
import type { Reach } from './boundaries.ts';
import { Lab, Scene } from './lab.ts';
import type { ClaimStory } from './lab.ts';
import { watchMounts } from './mount-watch.ts';

/** Scenes that are under way at once. */
const SCENES_AT_ONCE = 24;

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});

interface Interruption {
  happen(scene: Scene, claim: ClaimStory): Promise<void>;
  /** Waits for the right end, and fails if it is not. */
  end(scene: Scene, claim: ClaimStory): Promise<void>;
}

const deletion: Interruption = {
  happen: (_scene, claim) => claim.delete(),
  async end(scene, claim) {
    await claim.ended();
    expect(claim.object).toBeUndefined();
    expectNothingLeft(scene);
  },
};

const lossOfPod: Interruption = {
  async happen(scene, claim) {
    scene.cluster.pods.delete('shop/web-1');
    await claim.look();
  },
  async end(scene, claim) {
    await claim.reason('NoMatchingPods', 30_000);
    expectNothingLeft(scene);
    await claim.end();
  },
};

const completionOfPod: Interruption = {
  async happen(scene, claim) {
    scene.cluster.putPod(aPod({ phase: 'Succeeded' }));
    await claim.look();
  },
  end: (scene, claim) => lossOfPod.end(scene, claim),
};

const namesake: Interruption = {
  async happen(scene, claim) {
    scene.cluster.putPod(aPod({ uid: 'uid-of-namesake' }));
    await claim.look();
  },
  async end(scene, claim) {
    const isAlone = () => [...scene.agents.mounts.keys()].join() === 'uid-of-namesake/data';
    await waitUntil('only the namesake has it', isAlone, 30_000);
    await claim.reason('Attached', 30_000);
    expect(scene.agents.staged.size).toBe(1);
    expect(scene.cluster.mountPods()).toHaveLength(1);
    await claim.end();
    expectNothingLeft(scene);
  },
};

function expectNothingLeft({ agents, cluster }: Scene): void {
  expect(agents.mounts.size).toBe(0);
  expect(agents.staged.size).toBe(0);
  expect(cluster.mountPods()).toEqual([]);
}

interface Interrupted {
  /** The boundary at which it happened; absent when the claim served before. */
  at: string | undefined;
  /** Sharing keys that had two mount pods. */
  doubled: string[];
}

/** Scenes with one worker for all of them, because a worker costs more than a story. */
class Stages {
  readonly taskQueue = randomUUID();
  readonly #activities = new Map<string, ClaimActivities>();

  /** Runs until the promise resolves. */
  async runUntil<T>(story: () => Promise<T>): Promise<T> {
    const worker = await lab.createWorker(new Scene(lab, this.taskQueue), {
      activities: {
        observeClaim: (request: ObserveRequest) => this.#of(request.claim).observeClaim(request),
        findLeftMounts: (claim: ClaimIdentity) => this.#of(claim).findLeftMounts(claim),
        attachNode: (request: AttachNodeRequest) => this.#of(request.claim).attachNode(request),
        detachNode: (request: DetachNodeRequest) => this.#of(request.claim).detachNode(request),
        writeStatus: (request: WriteStatusRequest) => this.#of(request.claim).writeStatus(request),
        releaseClaim: (request: ReleaseClaimRequest) =>
          this.#of(request.claim).releaseClaim(request),
      } satisfies ClaimActivities,
    });
    return worker.runUntil(story);
  }

  async interruptAt(nth: number, { happen, end }: Interruption): Promise<Interrupted> {
    const scene = new Scene(lab, this.taskQueue);
    const broken = watchMounts(scene);
    const claim = scene.create();
    let passed = 0;
    let at: string | undefined;
    const reach: Reach = async (boundary) => {
      if (++passed !== nth) return;
      await happen(scene, claim);
      at = boundary;
    };
    this.#activities.set(claim.uid, buildActivities(scene, reach));
    await claim.look();
    await waitUntil('it serves or was interrupted', () => at !== undefined || isServing(claim));
    await (at === undefined ? claim.end() : end(scene, claim));
    const doubled = broken.filter((text) => text.includes('two mount pods'));
    return { at, doubled };
  }

  #of({ uid }: { uid: string }): ClaimActivities {
    const found = this.#activities.get(uid);
    if (!found) throw new Error(`No scene has the claim ${uid}`);
    return found;
  }
}

function isServing(claim: ClaimStory): boolean {
  return claim.ready?.reason === 'Attached';
}

function buildActivities({ cluster, agents }: Scene, reach: Reach): ClaimActivities {
  const activities = createActivities({
    view: cluster.view,
    kubernetes: withBoundaries('API', cluster.kubernetes, reach),
    agents: withAgentBoundaries(agents, reach),
    settings: { mountPodImage: 'dynvol/mount-pod:test', temporalNamespace: 'default' },
    look: () => {},
  });
  return withBoundaries('activity', activities, reach);
}

it.each<[string, Interruption]>([
  ['a claim deleted', deletion],
  ['a claim whose pod is gone', lossOfPod],
  ['a claim whose pod completes', completionOfPod],
  ['a claim whose pod is replaced by a namesake', namesake],
])('%s at any step of its attach leaves nothing behind', async (_what, interruption) => {
  const stages = new Stages();
  const runs: Interrupted[] = [];
  await stages.runUntil(async () => {
    while (runs.every(({ at }) => at !== undefined)) {
      const first = runs.length + 1;
      const nths = Array.from({ length: SCENES_AT_ONCE }, (_, i) => first + i);
      const interrupted = nths.map((nth) => stages.interruptAt(nth, interruption));
      runs.push(...(await Promise.all(interrupted)));
    }
  });

  expect(runs.flatMap(({ doubled }) => doubled)).toEqual([]);
  expect(runs.map(({ at }) => at)).toEqual(
    expect.arrayContaining([
      'before activity observeClaim',
      'after API patchClaimFinalizers',
      'after API createPod',
      'before agent attach',
      'after agent attach',
      'after activity attachNode',
      'before API patchClaimStatus',
    ]),
  );
});
