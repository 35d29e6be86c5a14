// Does an activity that runs again, or twice at once in two controllers, leave the same as if it ran once? (invariant I13)
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { createActivities } from '../../../activities/index.ts';
import type {
  AttachNodeRequest,
  DetachNodeRequest,
  ObservedClaim,
} from '../../../activities/contract.ts';
import { MOUNT_POD_LABELS } from '../../../api/names.ts';
import { planClaim, planCleanUp } from '../../../workflows/plan.ts';
import { buildFreshState, noteAttachAttempt } from '../../../workflows/state.ts';
import { buildStatus } from '../../../workflows/status.ts';
import { FakeAgents } from '../../builders/fake-agents.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClaim, aClass, aPod, CLAIM } from '../../builders/objects.ts';

const logger = new DefaultLogger('ERROR', () => {});

type Activities = ReturnType<typeof createActivities>;

/** A cluster with one claim and two pods, and two controllers. */
class Scene {
  readonly cluster = new FakeCluster();
  readonly agents = new FakeAgents();
  readonly looks: string[] = [];
  readonly controllers: [Activities, Activities];

  constructor() {
    this.cluster.classes.set('s3-sample', aClass());
    this.cluster.secrets.set('default/keys', {
      'access-key-id': 'somebody',
      'secret-access-key': 'hidden',
    });
    this.cluster.putPod(aPod());
    this.cluster.putPod(aPod({ name: 'web-2' }));
    this.cluster.put(aClaim());
    this.controllers = [this.#createController(), this.#createController()];
  }

  /** Runs an activity in a controller. */
  async run<K extends keyof Activities>(
    name: K,
    request: Parameters<Activities[K]>,
    { controller = 0, attempt = 1 } = {},
  ): Promise<Awaited<ReturnType<Activities[K]>>> {
    const activity = this.controllers[controller]?.[name] as (
      ...args: unknown[]
    ) => Promise<unknown>;
    const environment = new MockActivityEnvironment({ attempt }, { logger });
    return environment.run(activity, ...request) as Awaited<ReturnType<Activities[K]>>;
  }

  async observe(): Promise<ObservedClaim> {
    const { generation, deletionTimestamp } = this.#claim.metadata;
    const deleting = deletionTimestamp !== undefined;
    const seen = { classes: {}, secrets: {} };
    const request = { claim: CLAIM, generation, deleting, tracked: [], remounts: 0, seen };
    const observed = await this.run('observeClaim', [request]);
    if (observed.gone) throw new Error('The claim is gone');
    return observed;
  }

  async planAttach(): Promise<AttachNodeRequest> {
    const { mounts, steering } = buildFreshState();
    const observed = await this.observe();
    const plan = planClaim({ claim: CLAIM, observed, mounts, outcomes: {}, steering, nowMs: 0 });
    const [request] = plan.attach;
    if (!request) throw new Error('There is nothing to attach');
    return request;
  }

  async attach(): Promise<AttachNodeRequest> {
    const request = await this.planAttach();
    await this.run('attachNode', [request]);
    return request;
  }

  async planDetach(): Promise<DetachNodeRequest> {
    const state = buildFreshState();
    noteAttachAttempt(state, await this.attach());
    const { mounts, steering } = state;
    const observed = await this.observe();
    const plan = planCleanUp({ claim: CLAIM, observed, mounts, outcomes: {}, steering, nowMs: 0 });
    const [request] = plan.detach;
    if (!request) throw new Error('There is nothing to detach');
    return request;
  }

  /** All that an activity can change, without times and what is drawn by lot. */
  picture(): object {
    const { claims, pods, events } = this.cluster;
    const nameOf = (uid: string) => [...pods.values()].find((pod) => pod.uid === uid)?.name;
    return {
      claims: [...claims.values()].map(({ metadata, status }) => ({
        finalizers: metadata.finalizers,
        status: { ...status, conditions: status?.conditions?.map((one) => one.reason) },
      })),
      pods: [...pods.values()].map(({ name, labels }) => [
        name,
        labels[MOUNT_POD_LABELS.sharingKey],
      ]),
      events: [...events.keys()],
      mounts: [...this.agents.mounts].map(([path, { mountPodUid, ...mount }]) => [
        path,
        { ...mount, mountPod: nameOf(mountPodUid) },
      ]),
      staged: [...this.agents.staged.keys()],
      looks: [...new Set(this.looks)],
    };
  }

  get #claim() {
    const claim = this.cluster.claims.get('shop/pictures');
    if (!claim) throw new Error('The claim is gone');
    return claim;
  }

  #createController(): Activities {
    return createActivities({
      view: this.cluster.view,
      kubernetes: this.cluster.kubernetes,
      agents: this.agents,
      settings: { mountPodImage: 'image', temporalNamespace: 'default' },
      look: ({ metadata }) => this.looks.push(metadata.name),
    });
  }
}

type Requests = { [K in keyof Activities]: (scene: Scene) => Promise<Parameters<Activities[K]>> };

/** What is done before an activity, and its request. */
const REQUESTS: Requests = {
  async observeClaim() {
    const seen = { classes: {}, secrets: {} };
    const rest = { generation: 1, deleting: false, tracked: [], remounts: 0, seen };
    return [{ claim: CLAIM, ...rest }];
  },
  async findLeftMounts(scene) {
    await scene.attach();
    return [CLAIM];
  },
  async attachNode(scene) {
    return [await scene.planAttach()];
  },
  async detachNode(scene) {
    return [await scene.planDetach()];
  },
  async writeStatus(scene) {
    const { mounts, steering } = buildFreshState();
    const observed = await scene.observe();
    const input = { claim: CLAIM, observed, mounts, outcomes: {}, steering, unsearchedNodes: [] };
    const event = { type: 'Normal' as const, reason: 'Attached', message: 'Served' };
    const notInjected = [{ uid: 'uid-web-2', name: 'web-2' }];
    const failed = [{ uid: 'uid-web-1', name: 'web-1', reason: 'AccessDenied', message: 'No' }];
    return [{ claim: CLAIM, status: buildStatus(input), event, notInjected, failed }];
  },
  async releaseClaim(scene) {
    await scene.observe();
    scene.cluster.delete('shop/pictures');
    return [{ claim: CLAIM, event: { type: 'Normal', reason: 'Detached', message: 'Away' } }];
  },
  async observeDrift(scene) {
    await scene.attach();
    return [];
  },
  async repairDrift(scene) {
    await scene.attach();
    scene.cluster.claims.clear();
    const { orphans } = await scene.run('observeDrift', []);
    expect(orphans.length).toBeGreaterThan(0);
    return [{ remove: orphans, recheck: [CLAIM] }];
  },
  raiseAlarm: async () => ['Too many mounts would go'],
};

const names = Object.keys(REQUESTS) as (keyof Activities)[];

it('the table holds every activity', () => {
  expect(names.sort()).toEqual(Object.keys(new Scene().controllers[0]).sort());
});

describe.each(names)('%s', (name) => {
  async function prepare() {
    const scene = new Scene();
    return { scene, request: await REQUESTS[name](scene) };
  }

  async function runOnce(): Promise<object> {
    const { scene, request } = await prepare();
    await scene.run(name, request);
    return scene.picture();
  }

  it('run again, as after a lost result, changes nothing more', async () => {
    const { scene, request } = await prepare();
    await scene.run(name, request);
    const after = scene.picture();

    await scene.run(name, request, { attempt: 2, controller: 1 });

    expect(scene.picture()).toEqual(after);
    expect(after).toEqual(await runOnce());
  });

  it('run twice at once in two controllers leaves what one leaves', async () => {
    const { scene, request } = await prepare();

    await Promise.all([
      scene.run(name, request),
      scene.run(name, request, { attempt: 2, controller: 1 }),
    ]);

    expect(scene.picture()).toEqual(await runOnce());
  });
});

it.each([
  'observeClaim',
  'attachNode',
  'detachNode',
  'writeStatus',
  'releaseClaim',
  'repairDrift',
] as const)('%s changes something, so that to repeat it means something', async (name) => {
  const scene = new Scene();
  const request = await REQUESTS[name](scene);
  const before = scene.picture();

  await scene.run(name, request);

  expect(scene.picture()).not.toEqual(before);
});
