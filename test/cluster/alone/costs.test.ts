// What does a claim's life cost, and an idle one? (one case after another)
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countApiWrites, countControllerCalls } from '../../bench/costs.ts';
import { createBucket } from '../s3.ts';
import { Scenario, type Claim } from '../scenario.ts';

describe('one claim of one pod whose mount pod runs', () => {
  let scenario: Scenario;
  let otherBucket: string;
  let keeper: Claim;
  beforeAll(async () => {
    scenario = await Scenario.create('costs');
    otherBucket = `${scenario.bucket}-w`;
    await createBucket(otherBucket);
    await scenario.runningPod();
    keeper = await scenario.readyClaim({ name: 'keeper' });
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  const live = async (name: string): Promise<{ claim: Claim; attachEvents: number }> => {
    const claim = await scenario.readyClaim({ name, mountpoint: `/${name}`, bucket: otherBucket });
    const attachEvents = await claim.workflow.countEvents();
    await claim.delete();
    await claim.workflow.waitCompleted();
    return { claim, attachEvents };
  };

  it('costs at most 14 events to attach, 28 in a life, and 6 API writes', async () => {
    await live('first');

    const { claim, attachEvents } = await live('measured');

    expect(attachEvents).toBeLessThanOrEqual(14);
    expect(await claim.workflow.countEvents()).toBeLessThanOrEqual(28);
    expect(await countApiWrites(claim)).toBeLessThanOrEqual(6);
    expect(await claim.workflow.scheduled('attachNode')).toHaveLength(1);
    expect(await claim.workflow.scheduled('detachNode')).toHaveLength(1);
  });

  it('costs no event, timer or API call while it is idle', async () => {
    const observe = async () => ({
      events: await keeper.workflow.countEvents(),
      calls: await countControllerCalls(keeper),
      timers: (await keeper.workflow.history()).filter(
        (event) => event['eventType'] === 'EVENT_TYPE_TIMER_STARTED',
      ).length,
    });
    const before = await observe();

    await live('meanwhile-1');
    await live('meanwhile-2');

    expect(await observe()).toEqual(before);
  });

  it('costs no write of its status while nothing changes', async () => {
    const writes = await countApiWrites(keeper);

    await scenario.runningPod({ labels: { app: 'unrelated' } });
    await live('meanwhile-3');

    expect(await countApiWrites(keeper)).toBe(writes);
  });
});
