// Does the keeper look soon, seldom, and again after a failure?
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClassKeeper } from '../../../classes/keeper.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClass } from '../../builders/objects.ts';

const settings = { mountPodImage: 'image', temporalNamespace: 'default' };

function aKeeper(cluster: FakeCluster) {
  const { view, kubernetes } = cluster;
  return createClassKeeper({ view, kubernetes, settings, log: pino({ level: 'silent' }) });
}

function aCluster(): FakeCluster {
  const cluster = new FakeCluster();
  cluster.classes.set('s3-sample', aClass());
  return cluster;
}

const isKept = (cluster: FakeCluster) =>
  cluster.classes.get('s3-sample')?.metadata.finalizers !== undefined;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('createClassKeeper', () => {
  it('looks once for many changes', async () => {
    const cluster = aCluster();
    const list = vi.spyOn(cluster.view, 'storageProviderClasses');
    const keeper = aKeeper(cluster);

    for (let change = 0; change < 100; change++) keeper.wake();
    await vi.advanceTimersByTimeAsync(1_000);

    expect(isKept(cluster)).toBe(true);
    expect(list.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('does nothing without a change', async () => {
    const cluster = aCluster();
    aKeeper(cluster);

    await vi.advanceTimersByTimeAsync(600_000);

    expect(isKept(cluster)).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('looks again after a failure, less and less often', async () => {
    const cluster = aCluster();
    const patch = vi.spyOn(cluster.kubernetes, 'patchClassFinalizers');
    cluster.isDown = true;
    const keeper = aKeeper(cluster);
    keeper.wake();

    await vi.advanceTimersByTimeAsync(600_000);
    expect(patch.mock.calls.length).toBeGreaterThan(8);
    expect(patch.mock.calls.length).toBeLessThan(30);

    cluster.isDown = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(isKept(cluster)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does nothing more once it is stopped', async () => {
    const cluster = aCluster();
    const keeper = aKeeper(cluster);
    keeper.wake();

    await keeper.stop();
    keeper.wake();
    await vi.advanceTimersByTimeAsync(10_000);

    expect(isKept(cluster)).toBe(false);
  });
});
