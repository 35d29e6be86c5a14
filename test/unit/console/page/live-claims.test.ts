// Which claims does the console know after some news?
import { describe, expect, it } from 'vitest';
import { applyNews, type ClaimNews } from '../../../../console/page/live-claims.ts';
import { buildSampleClaim } from '../../../console/claims.ts';

const one = buildSampleClaim({ name: 'one' }).detail;
const two = buildSampleClaim({ name: 'two' }).detail;
const changed = buildSampleClaim({ name: 'two', phase: 'Failed' }).detail;

describe('the claims', () => {
  it.each<[string, ClaimNews, unknown[]]>([
    ['are replaced by what a new connection names', { kind: 'all', claims: [changed] }, [changed]],
    ['are none when a new connection names none', { kind: 'all', claims: [] }, []],
    ['keep those that did not change', { kind: 'changed', claims: [changed] }, [one, changed]],
    ['lose those that are gone', { kind: 'gone', uids: [one.uid, 'never seen'] }, [two]],
  ])('%s', (_title, news, expected) => {
    const before = applyNews(undefined, { kind: 'all', claims: [one, two] });
    expect([...applyNews(before, news).values()]).toEqual(expected);
  });
});
