// Which claims does the list of the console show?
import { describe, expect, it } from 'vitest';
import { buildChoices, buildGroups } from '../../../../console/page/filter-claims.ts';
import { NO_FILTER, type Filter } from '../../../../console/page/view-state.ts';
import { buildSampleClaims } from '../../../console/claims.ts';

const claims = buildSampleClaims().map(({ detail }) => detail);

function listNames(changes: Partial<Filter>): string[] {
  const groups = buildGroups(claims, { ...NO_FILTER, ...changes });
  return groups.flatMap(({ namespace, claims }) =>
    claims.map(({ name }) => `${namespace}/${name}`),
  );
}

describe('the list of claims', () => {
  it('has all of them by namespace and name without a filter', () => {
    expect(listNames({})).toEqual([
      'research/checkpoints',
      'research/labels',
      'research/notebooks',
      'research/training-images',
      'shop/exports',
      'shop/inbox',
      'shop/pictures',
      'web/assets',
      'web/old-assets',
    ]);
  });

  it.each([
    ['a namespace', { namespace: 'web' }, ['web/assets', 'web/old-assets']],
    ['a class that nobody has', { className: 's3-slow' }, []],
    ['a phase', { phase: 'Deleting' }, ['web/old-assets']],
    ['a reason in any case', { text: 'bucketnotfound' }, ['research/labels']],
    ['words in any order', { text: '  inbox shop ' }, ['shop/inbox']],
    ['a mountpoint', { text: '/pictures' }, ['shop/pictures']],
    ['fields together', { namespace: 'shop', phase: 'Waiting' }, ['shop/exports']],
  ] as const)('is filtered by %s', (_what, filter, names) => {
    expect(listNames(filter)).toEqual(names);
  });

  it('counts the phases of what the other fields let through', () => {
    const { counts, total } = buildChoices(claims, {
      ...NO_FILTER,
      namespace: 'shop',
      phase: 'Failed',
    });
    expect(counts).toEqual({ Ready: 1, Reconciling: 1, Waiting: 1, Failed: 0, Deleting: 0 });
    expect(total).toBe(3);
  });

  it('still offers a chosen namespace whose last claim has gone', () => {
    const { namespaces } = buildChoices(claims, { ...NO_FILTER, namespace: 'former' });
    expect(namespaces).toEqual(['former', 'research', 'shop', 'web']);
  });
});
