// Do the parts of an attach come to its whole?
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AttachTimer } from '../../../csi-node/attach-timer.ts';

let nowMs: number;

beforeEach(() => {
  nowMs = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  return () => vi.restoreAllMocks();
});

function after(ms: number, step: () => void): void {
  nowMs += ms;
  step();
}

describe('AttachTimer', () => {
  it.each([
    [true, 'cold'],
    [false, 'warm'],
  ])('measures each part, and all with the wait for its turn (waited: %s)', (waited, start) => {
    const timer = new AttachTimer();
    after(500, () => timer.begin());
    after(2_000, () => timer.noteMountPod(waited));
    after(300, () => timer.noteSource());
    nowMs += 10;

    const phases = [
      ['mount_pod', 2],
      ['source', 0.3],
      ['attach', 0.01],
      ['total', 2.81],
    ];
    expect(timer.end()).toEqual({ start, phases });
  });

  it('says so when the source was mounted already', () => {
    const timer = new AttachTimer();
    timer.begin();
    after(5, () => timer.noteSource());
    nowMs += 5;

    const { start, phases } = timer.end();
    expect(start).toBe('mounted');
    expect(phases.map(([phase]) => phase)).toEqual(['source', 'attach', 'total']);
  });
});
