// Is each call of an agent told when it has ended, however it ended?
import { describe, expect, it } from 'vitest';
import { observeAgents } from '../../../activities/observed-agents.ts';
import { VolumeError } from '../../../api/errors.ts';
import { FakeAgents } from '../../builders/fake-agents.ts';
import { CLAIM } from '../../builders/objects.ts';

const detach = {
  ...{ claim: { ...CLAIM, generation: 1 }, targets: [], mountPods: [], sourceKeys: [] },
  discardWrites: false,
};

function start() {
  const told: string[] = [];
  const fakes = new FakeAgents();
  const agents = observeAgents(fakes, (method, code) => told.push(`${method} ${code}`));
  const abort = new AbortController();
  return { told, fakes, agents, abort, how: { signal: abort.signal, deadlineMs: 1_000 } };
}

describe('observeAgents', () => {
  it('tells of answers, and passes them on', async () => {
    const { told, agents, how } = start();

    await agents.detach('node1', detach, how);
    expect(await agents.list('node1', { mountPodUids: [] }, how)).toMatchObject({ mounts: [] });

    expect(told).toEqual(['Detach OK', 'List OK']);
  });

  it('tells of failures by the name of their gRPC status, and passes them on', async () => {
    const { told, fakes, agents, how } = start();
    fakes.isUnreachable = true;
    await expect(agents.detach('node1', detach, how)).rejects.toThrow(VolumeError);
    fakes.list = () => Promise.reject(new VolumeError('UNAUTHENTICATED', 'no'));
    await expect(agents.list('node1', { mountPodUids: [] }, how)).rejects.toThrow('no');
    fakes.list = () => Promise.reject(new Error('odd'));
    await expect(agents.list('node1', { mountPodUids: [] }, how)).rejects.toThrow('odd');

    expect(told).toEqual(['Detach UNAVAILABLE', 'List UNAUTHENTICATED', 'List INTERNAL']);
  });

  it('tells of a call whose time was over, whoever ended it', async () => {
    const { told, fakes, agents, how } = start();
    const signal = AbortSignal.timeout(1);
    fakes.list = () =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });

    const asked = agents.list('node1', { mountPodUids: [] }, { ...how, signal });

    await expect(asked).rejects.toThrow('timeout');
    expect(told).toEqual(['List DEADLINE_EXCEEDED']);
  });

  it('tells of a call that was cancelled', async () => {
    const { told, fakes, agents, abort, how } = start();
    fakes.list = () => {
      abort.abort(new Error('enough'));
      return Promise.reject(new Error('enough'));
    };

    await expect(agents.list('node1', { mountPodUids: [] }, how)).rejects.toThrow('enough');

    expect(told).toEqual(['List CANCELLED']);
  });
});
