// Is something read again after every change, never twice at once, and not for ever?
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRefresher } from '../../../../console/page/refresher.ts';

interface Call {
  resolve: (value: string) => void;
  reject: (error: Error) => void;
}

let calls: Call[] = [];
const seen: string[] = [];

function start(goesOn: (value: string) => boolean = () => false) {
  return createRefresher<string>({
    read: () => new Promise((resolve, reject) => calls.push({ resolve, reject })),
    onValue: (value) => seen.push(value),
    onError: (error) => seen.push(`error: ${error.kind}`),
    goesOn,
  });
}

async function answer(index: number, value = `answer ${index}`): Promise<void> {
  calls[index]?.resolve(value);
  await vi.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  seen.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a refresher', () => {
  it('reads once more a moment after a refresh, then no more', async () => {
    start().refresh();
    await answer(0);
    await vi.advanceTimersByTimeAsync(1_500);
    await answer(1);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(calls).toHaveLength(2);
    expect(seen).toEqual(['answer 0', 'answer 1']);
  });

  it('reads ever less often while the value says that it goes on', async () => {
    start((value) => value !== 'end').refresh();
    for (const [index, waitMs] of [1_500, 3_000, 6_000, 12_000, 24_000, 24_000].entries()) {
      await answer(index);
      await vi.advanceTimersByTimeAsync(waitMs - 1);
      expect(calls).toHaveLength(index + 1);
      await vi.advanceTimersByTimeAsync(1);
      expect(calls).toHaveLength(index + 2);
    }
    await answer(6, 'end');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(calls).toHaveLength(7);
  });

  it('makes of many changes during a reading one more reading', async () => {
    const refresher = start();
    refresher.refresh();
    refresher.refresh();
    refresher.refresh();
    expect(calls).toHaveLength(1);
    await answer(0);
    expect(calls).toHaveLength(2);
  });

  it('tells of a failure and tries again', async () => {
    start().refresh();
    calls[0]?.reject(new Error('cut'));
    await vi.advanceTimersByTimeAsync(1_500);
    await answer(1);
    expect(seen).toEqual(['error: unreachable', 'answer 1']);
  });

  it('that was stopped tells nothing and asks no more', async () => {
    const refresher = start();
    refresher.refresh();
    refresher.stop();
    await answer(0);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(calls).toHaveLength(1);
    expect(seen).toEqual([]);
  });
});
