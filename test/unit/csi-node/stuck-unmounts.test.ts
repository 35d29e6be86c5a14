// Is what could not be taken away counted for as long as it is there?
import { beforeEach, describe, expect, it } from 'vitest';
import { StuckUnmounts } from '../../../csi-node/stuck-unmounts.ts';

const place = (mountpoint: string, sourceKey = 'aa.11') => ({
  ...{ podUid: 'p', mountpoint, sourceKey },
});
const shown = (...places: ReturnType<typeof place>[]) => ({
  mounts: places.map((one) => ({ ...one, readOnly: false })),
  stagedSourceKeys: [...new Set(places.map(({ sourceKey }) => sourceKey))],
});
const parked = (...stagedSourceKeys: string[]) => ({ mounts: [], stagedSourceKeys });
const [a, b, c] = [place('a'), place('b'), place('c')] as const;
const all = shown(a, b, c);
const aBelowAnother = {
  ...shown(place('a', 'bb.22')),
  stagedSourceKeys: ['aa.11', 'bb.22'],
};

let stuck: StuckUnmounts;
const count = (listed = all) => Object.fromEntries(stuck.count(listed));

beforeEach(() => {
  stuck = new StuckUnmounts();
});

describe('StuckUnmounts', () => {
  it('tells the usual codes even when nothing is stuck', () => {
    expect(count()).toEqual({ IN_USE: 0, FLUSHING: 0 });
  });

  it('counts by the code of the last try', () => {
    stuck.note(a, 'IN_USE');
    stuck.note(b, 'IN_USE');
    stuck.note(c, 'INTERNAL');
    stuck.note(a, 'FLUSHING');

    expect(count()).toEqual({ IN_USE: 1, FLUSHING: 1, INTERNAL: 1 });
  });

  it('forgets what was taken away after all', () => {
    stuck.note(a, 'IN_USE');
    stuck.note(b, 'IN_USE');
    stuck.note(a, '');

    expect(count()).toMatchObject({ IN_USE: 1 });
  });

  it('forgets what the claim attached again', () => {
    stuck.note(a, 'IN_USE');
    stuck.forget({ podUid: 'p', mountpoint: 'a' });

    expect(count()).toMatchObject({ IN_USE: 0 });
  });

  it.each([
    ['is still parked', 'FLUSHING', parked('aa.11'), 1],
    ['cannot be released', 'INTERNAL', parked('aa.11'), 1],
    ['is parked while another took the place', 'FLUSHING', aBelowAnother, 1],
    ['is shown to others, which is no fault', 'IN_USE', shown(b), 0],
    ['is gone', 'FLUSHING', parked('bb.22'), 0],
  ])('of a place that is gone, and whose source %s, counts %s', (_, code, listed, expected) => {
    stuck.note(a, code);

    expect(count(listed)).toMatchObject({ [code]: expected });
  });

  it('counts a source that waits in a place from which its successor was taken', () => {
    stuck.note(a, 'FLUSHING');
    stuck.note(place('a', 'bb.22'), '');

    expect(count(parked('aa.11'))).toMatchObject({ FLUSHING: 1 });
  });

  it('forgets what vanished with its pod, for good, whether or not somebody counts', () => {
    stuck.note(a, 'IN_USE');
    stuck.keepMounted(parked());

    expect(count()).toMatchObject({ IN_USE: 0 });
  });
});
