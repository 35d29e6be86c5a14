// Is what could not be taken away counted for as long as it is there?
import { beforeEach, describe, expect, it } from 'vitest';
import type { TargetResult } from '../../../api/node-agent.ts';
import { StuckUnmounts } from '../../../csi-node/stuck-unmounts.ts';

const result = (mountpoint: string, code: string): TargetResult => ({
  ...{ podUid: 'p', mountpoint, code, message: '', processes: [], pendingUploads: 0 },
  ...{ rung: '', ownerUid: '' },
});
const mounted = ['a', 'b', 'c'].map((mountpoint) => ({ podUid: 'p', mountpoint }));

let stuck: StuckUnmounts;
const count = (places = mounted) => Object.fromEntries(stuck.count(places));

beforeEach(() => {
  stuck = new StuckUnmounts();
});

describe('StuckUnmounts', () => {
  it('tells the usual codes even when nothing is stuck', () => {
    expect(count()).toEqual({ IN_USE: 0, FLUSHING: 0 });
  });

  it('counts by the code of the last try', () => {
    stuck.note([result('a', 'IN_USE'), result('b', 'IN_USE'), result('c', 'INTERNAL')]);
    stuck.note([result('a', 'FLUSHING')]);

    expect(count()).toEqual({ IN_USE: 1, FLUSHING: 1, INTERNAL: 1 });
  });

  it('forgets what was taken away after all', () => {
    stuck.note([result('a', 'IN_USE'), result('b', 'IN_USE')]);
    stuck.note([result('a', '')]);

    expect(count()).toMatchObject({ IN_USE: 1 });
  });

  it('forgets what the claim attached again', () => {
    stuck.note([result('a', 'IN_USE')]);
    stuck.forget({ podUid: 'p', mountpoint: 'a' });

    expect(count()).toMatchObject({ IN_USE: 0 });
  });

  it('forgets what vanished with its pod, for good', () => {
    stuck.note([result('a', 'IN_USE')]);

    expect(count([])).toMatchObject({ IN_USE: 0 });
    expect(count()).toMatchObject({ IN_USE: 0 });
  });
});
