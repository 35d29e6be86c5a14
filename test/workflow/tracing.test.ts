// Is a claim's way one trace, and does the workflow go on the same with tracing on and off?
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { TASK_QUEUE } from '../../api/names.ts';
import { startTracing } from '../../tracing/start-tracing.ts';
import type { Tracing } from '../../tracing/start-tracing.ts';
import { createBridge } from '../../watch/bridge.ts';
import { createClaimSignaller } from '../../workers/temporal.ts';
import { OtlpReceiver } from '../fakes/otlp-receiver.ts';
import { holdsText } from './history-file.ts';
import { CANARY, Lab, Scene } from './lab.ts';
import type { ClaimStory } from './lab.ts';

const log = pino({ level: 'silent' });

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(() => lab.stop());

/** Runs a story as a controller would, with the bridge between the claims and their workflows. */
async function control(
  scene: Scene,
  tracing: Tracing | undefined,
  story: (look: (claim: ClaimStory) => void) => Promise<void>,
): Promise<void> {
  const { view, kubernetes } = scene.cluster;
  const signalWithStart = createClaimSignaller({
    connection: lab.environment.nativeConnection,
    namespace: 'default',
    kubernetes,
    log,
    interceptors: tracing?.clientInterceptors,
  });
  const bridge = createBridge({
    signalWithStart: tracing?.traceSignal(signalWithStart) ?? signalWithStart,
    log,
  });
  const look = tracing?.traceLook(bridge.look) ?? bridge.look;
  const agents = tracing?.traceAgents(scene.agents) ?? scene.agents;
  const settings = { mountPodImage: 'dynvol/mount-pod:test', temporalNamespace: 'default' };
  const worker = await lab.createWorker(scene, {
    activities: createActivities({ view, kubernetes, agents, settings, look }),
    interceptors: { activity: tracing?.activityInterceptors ?? [] },
  });
  await worker.runUntil(story((claim) => claim.object && look(claim.object)));
  await bridge.stop();
  await tracing?.stop();
}

const start = ({ endpoint }: OtlpReceiver) =>
  startTracing({ endpoint, serviceName: 'dynvol-controller', log });

/** The signaller sends to the queue of the product, so one scene at a time. */
const newScene = () => new Scene(lab, TASK_QUEUE);

async function attach(claim: ClaimStory, look: (claim: ClaimStory) => void): Promise<void> {
  look(claim);
  await claim.reason('Attached');
}

async function end(scene: Scene, claim: ClaimStory, look: (claim: ClaimStory) => void) {
  scene.cluster.delete(claim.key);
  look(claim);
  await claim.ended();
}

async function replay(claim: ClaimStory): Promise<(string | undefined)[]> {
  const history = await claim.history();
  const one = [{ workflowId: claim.workflowId, history }];
  const failures: (string | undefined)[] = [];
  const results = Worker.runReplayHistories({ workflowBundle: { code: lab.code } }, one);
  for await (const { error } of results) failures.push(error?.message);
  return failures;
}

describe('a claim with tracing on', () => {
  it('is one trace, whose id is its UID, from event to agent, and back', async () => {
    await using receiver = await OtlpReceiver.start();
    const scene = newScene();
    const claim = scene.create();
    await control(scene, start(receiver), async (look) => {
      await attach(claim, look);
      await end(scene, claim, look);
    });

    const { spans } = receiver;
    expect(receiver.names).toEqual([
      'activity attachNode',
      'activity detachNode',
      'activity observeClaim',
      'activity releaseClaim',
      'activity writeStatus',
      'agent Attach',
      'agent Detach',
      'claim event',
      'signal',
    ]);
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(
      new Set([claim.uid.replaceAll('-', '')]),
    );
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const ways = spans.map(({ name, parentSpanId }) => {
      return `${name} <- ${byId.get(parentSpanId ?? '')?.name ?? parentSpanId ?? 'nobody'}`;
    });
    expect(ways).toContain('claim event <- nobody');
    expect(ways).toContain('signal <- claim event');
    expect(ways).toContain('activity observeClaim <- signal');
    expect(ways).toContain('activity attachNode <- signal');
    expect(ways).toContain('agent Attach <- activity attachNode');
    expect(ways).toContain('agent Detach <- activity detachNode');
    expect(holdsText(spans, CANARY)).toBe(false);
  });

  it('has the same events as one with tracing off, and both are replayed', async () => {
    await using receiver = await OtlpReceiver.start();
    const [on, off] = [newScene(), newScene()];
    const [traced, untraced] = [on.create(), off.create()];
    await control(on, start(receiver), async (look) => {
      await attach(traced, look);
      await end(on, traced, look);
    });
    await control(off, undefined, async (look) => {
      await attach(untraced, look);
      await end(off, untraced, look);
    });

    expect(await traced.events()).toEqual(await untraced.events());
    expect(holdsText(await traced.history(), 'traceparent')).toBe(true);
    expect(holdsText(await untraced.history(), 'traceparent')).toBe(false);
    expect(await replay(traced)).toEqual([undefined]);
    expect(await replay(untraced)).toEqual([undefined]);
  });

  it.each([
    { first: 'on', second: 'off' },
    { first: 'off', second: 'on' },
  ])('goes on when tracing is $first and then $second', async ({ first, second }) => {
    await using receiver = await OtlpReceiver.start();
    const tracingOf = (state: string) => (state === 'on' ? start(receiver) : undefined);
    const scene = newScene();
    const claim = scene.create();
    await control(scene, tracingOf(first), (look) => attach(claim, look));
    const before = receiver.names;

    await control(scene, tracingOf(second), (look) => end(scene, claim, look));

    expect(before.includes('agent Attach')).toBe(first === 'on');
    expect(receiver.names.includes('agent Detach')).toBe(second === 'on');
    expect(await replay(claim)).toEqual([undefined]);
  });
});

it('a target that fails is told by the span of the call', async () => {
  await using receiver = await OtlpReceiver.start();
  const scene = newScene();
  scene.agents.failAttach = () => 'BUCKET_NOT_FOUND';
  const claim = scene.create();
  await control(scene, start(receiver), async (look) => {
    look(claim);
    await claim.reason('BucketNotFound');
    await end(scene, claim, look);
  });
  const call = receiver.spans.find(({ name }) => name === 'agent Attach');
  expect(call?.status).toEqual({
    code: 2,
    message: 'BUCKET_NOT_FOUND: BUCKET_NOT_FOUND in photos',
  });
});
