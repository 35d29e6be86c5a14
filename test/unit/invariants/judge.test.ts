// Does a grace run only while that could be mended which is broken?
import { describe, expect, it } from 'vitest';
import { buildSnapshot } from '../../builders/snapshots.ts';
import { Judge } from '../../invariants/judge.ts';
import type { Rule } from '../../invariants/rule.ts';
import type { Snapshot } from '../../invariants/snapshot.ts';

const rule = (marks: string[] = []): Rule => ({
  id: 'I1',
  sentence: 'Nothing is called claim.',
  graceMs: 20_000,
  judge: ({ claims }) =>
    claims.map(({ metadata }) => ({
      object: metadata.name,
      node: 'node1',
      marks,
      broken: 'It is',
    })),
});

/** Looks ten seconds apart, some of them different; the indices of those that have told of something. */
function watch(judge: Judge, looks: (Partial<Snapshot> | undefined)[]): number[] {
  return looks.flatMap((fields, index) => {
    if (!fields) {
      judge.interrupt();
      return [];
    }
    const { atMs } = buildSnapshot();
    const found = judge.look(buildSnapshot({ atMs: atMs + index * 10_000, ...fields }));
    return found.map(() => index);
  });
}

const isWell = { claims: [] };
const withoutController = {
  pods: buildSnapshot().pods.filter(({ metadata }) => metadata.name !== 'controller-x'),
};
const withoutAgent = {
  pods: buildSnapshot().pods.filter(({ metadata }) => metadata.name !== 'csi-node-x'),
};

describe('a judge', () => {
  it.each([
    ['tells once, when the grace is over', [{}, {}, {}, {}, {}], [2]],
    ['begins anew when it was mended', [{}, {}, isWell, {}, {}, {}], [5]],
    ['tells again what was mended', [{}, {}, {}, isWell, {}, {}, {}], [2, 6]],
    ['begins anew after a time without a controller', [{}, withoutController, {}, {}, {}], [3]],
    ['begins anew after a time without an agent', [{}, withoutAgent, {}, {}, {}], [3]],
    ['begins anew when nobody could look', [{}, {}, undefined, {}, {}], [4]],
    [
      'says nothing without a controller',
      [{}, ...Array.from({ length: 9 }, () => withoutController)],
      [],
    ],
  ])('%s', (_title, looks, told) => {
    expect(watch(new Judge([rule()]), looks)).toEqual(told);
  });

  it('takes a long pause between two looks for a short one', () => {
    const judge = new Judge([rule()]);
    const { atMs } = buildSnapshot();

    judge.look(buildSnapshot({ atMs }));

    expect(judge.look(buildSnapshot({ atMs: atMs + 600_000 }))).toEqual([]);
  });

  it.each([
    ['team', false],
    ['seeded-team', true],
    ['was-seeded-', false],
  ])('knows by the name %s whether it was broken on purpose', (name, seeded) => {
    const immediate = { ...rule([name]), graceMs: 0 };

    const found = new Judge([immediate]).look(buildSnapshot());

    expect(found.map((violation) => violation.seeded)).toEqual([seeded]);
  });

  it('counts what it has looked at', () => {
    const judge = new Judge([rule()]);

    judge.look(buildSnapshot());
    judge.look(buildSnapshot());

    expect(judge.looked).toEqual({ I1: 2 });
  });
});
