// Are leaks found, is the report read rightly, and does every invariant have a proof?
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildSnapshot } from '../../builders/snapshots.ts';
import { ELSEWHERE } from '../../invariants/elsewhere.ts';
import { countHoldings, findLeaks } from '../../invariants/leaks.ts';
import { RULES } from '../../invariants/rules/all.ts';
import type { Snapshot } from '../../invariants/snapshot.ts';
import { readReport } from '../../tiers/invariants.ts';

const root = path.join(import.meta.dirname, '../../..');
const agent = buildSnapshot().processes[0]!;
const view = buildSnapshot().nodeViews[0]!;
const empty: Partial<Snapshot> = {
  nodeViews: [{ ...view, rows: [], folders: [] }],
  pods: [],
  workflows: [],
};

describe('leaks', () => {
  it('are none when as much is held as at the beginning', () => {
    const before = countHoldings(buildSnapshot());

    expect(findLeaks(before, countHoldings(buildSnapshot(empty)))).toEqual([]);
    expect(findLeaks(before, before)).toEqual([]);
  });

  it.each<[string, Partial<Snapshot>, string]>([
    ['mounts', { nodeViews: [{ ...view, folders: [] }] }, '3 storage mounts on node1, 0 at'],
    ['volume roots', { nodeViews: [{ ...view, folders: [] }] }, '2 mounts below'],
    ['folders', { nodeViews: [{ ...view, rows: [] }] }, '1 folders of volumes on node1, 0 at'],
    ['mount pods', { pods: buildSnapshot().pods }, '1 mount pods, 0 at'],
    ['workflows', { workflows: ['dvc/a/b/c'] }, '1 workflows of claims, 0 at'],
    ['children', { processes: [{ ...agent, children: 2 }] }, '2 children of csi-node on node1, 1'],
    ['descriptors', { processes: [{ ...agent, descriptors: 60 }] }, '60 descriptors of csi-node'],
  ])('%s', (_title, fields, says) => {
    const before = countHoldings(buildSnapshot(empty));

    const leaks = findLeaks(before, countHoldings(buildSnapshot({ ...empty, ...fields })));

    expect(leaks.join('; ')).toContain(says);
  });

  it('are not a few connections more', () => {
    const before = countHoldings(buildSnapshot(empty));
    const processes = [{ ...agent, descriptors: agent.descriptors + 5 }];

    expect(findLeaks(before, countHoldings(buildSnapshot({ ...empty, processes })))).toEqual([]);
  });
});

const violation = (seeded: boolean) =>
  JSON.stringify({
    at: '2026-01-01T00:00:00.000Z',
    invariant: 'I1',
    rule: 'r',
    object: 'mount /x',
    message: 'Nobody’s',
    seeded,
  });
const summary = (mounts: number, missed = 0, snapshots = 9) =>
  JSON.stringify({ snapshots, missed, broken: 0, seeded: 0, mounts, looked: {}, leaks: '' });

describe('a report', () => {
  it.each<[string, string[], boolean, boolean]>([
    ['nothing was broken', [summary(3)], true, true],
    ['something was broken', [violation(false), summary(3)], true, false],
    ['something was broken on purpose', [violation(true), summary(3)], true, true],
    ['no mount was seen in a whole tier', [summary(0)], true, false],
    ['no mount was seen in one file', [summary(0)], false, true],
    ['most looks failed', [summary(3, 10)], true, false],
    ['most looks failed in one file, which may be one long outage', [summary(3, 10)], false, true],
    ['every look failed in one file', [summary(0, 10, 0)], false, false],
    ['the checker has not come to its end', [], true, false],
  ])('%s', (_title, lines, isWhole, passed) => {
    expect(readReport(`${lines.join('\n')}\n`, isWhole).passed).toBe(passed);
  });

  it('names rule, object and time', () => {
    const { lines } = readReport(`${violation(false)}\n${summary(1)}\n`, true);

    expect(lines[0]).toBe('✗ I1 at 2026-01-01T00:00:00.000Z: mount /x: Nobody’s');
  });
});

describe('the eighteen invariants', () => {
  const all = Array.from({ length: 18 }, (_, index) => `I${index + 1}`);

  it.each(all)('%s is checked all the time or proved by a test', (id) => {
    const proofs = [...RULES, ...ELSEWHERE].filter((proof) => proof.id === id);

    expect(proofs.length).toBeGreaterThan(0);
  });

  it.each(ELSEWHERE)('$id: $test has the title $title', ({ test, title }) => {
    expect(readFileSync(path.join(root, test), 'utf8')).toContain(`'${title}'`);
  });
});
