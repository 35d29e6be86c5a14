// Does the stack's state tell what was stopped on purpose from what has ended?
import { describe, expect, it } from 'vitest';
import { observeProcess } from '../../../../deploy/stack/processes.ts';
import {
  isRunning,
  noteStarted,
  noteStopped,
  type StackState,
} from '../../../../deploy/stack/state.ts';

const alive = observeProcess(process.pid) ?? { pid: process.pid, startTicks: 0 };
/** No process has a number this high. */
const ended = { pid: 2 ** 30, startTicks: 1 };

function aState(components: StackState['components'], stopped?: string[]): StackState {
  const holders = [alive] as const;
  const usual = { phase: 'up', fingerprint: '', holders, components, uiPort: 0 } as const;
  return { ...usual, ...(stopped ? { stopped } : {}) };
}

describe('isRunning()', () => {
  it.each([
    ['everything runs', aState({ etcd: alive, temporal: alive }), true],
    ['a component has ended', aState({ etcd: alive, temporal: ended }), false],
    ['it was stopped on purpose', aState({ etcd: alive, temporal: ended }, ['temporal']), true],
    ['another one was', aState({ etcd: alive, temporal: ended }, ['etcd']), false],
    ['it has not booted to the end', { ...aState({ etcd: alive }), phase: 'booting' }, false],
    ['a node has ended', { ...aState({ etcd: alive }), holders: [alive, ended] }, false],
  ] as [string, StackState, boolean][])('%s', (_, state, runs) => {
    expect(isRunning(state)).toBe(runs);
  });
});

describe('noteStopped() and noteStarted()', () => {
  it('name what was stopped, once, until it is another process', () => {
    const stopped = noteStopped(noteStopped(aState({ etcd: ended, s3: alive }), ['etcd']), [
      'etcd',
      's3',
    ]);
    expect(stopped.stopped).toEqual(['etcd', 's3']);

    const started = noteStarted(stopped, { etcd: alive });
    expect(started).toMatchObject({ stopped: ['s3'], components: { etcd: alive, s3: alive } });
  });
});
