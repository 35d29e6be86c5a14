// Does the address of the page hold what is shown?
import { describe, expect, it } from 'vitest';
import { buildHash, NO_FILTER, parseHash } from '../../../../console/page/view-state.ts';

describe('the address of the page', () => {
  it.each([
    ['nothing', '', { filter: NO_FILTER }],
    [
      'a claim',
      '#claim=shop/pictures',
      { filter: NO_FILTER, claim: { namespace: 'shop', name: 'pictures' } },
    ],
    [
      'every field of the filter',
      '#namespace=shop&class=s3-fast&phase=Failed&text=a%26b%20c',
      { filter: { namespace: 'shop', className: 's3-fast', phase: 'Failed', text: 'a&b c' } },
    ],
  ])('tells of %s and can be built again', (_what, hash, state) => {
    expect(parseHash(hash)).toEqual(state);
    expect(parseHash(buildHash(parseHash(hash)))).toEqual(state);
  });

  it.each(['#claim=shop', '#claim=a/b/c', '#claim=/b', '#phase=Broken', '#something=else'])(
    'with %s shows everything',
    (hash) => {
      expect(parseHash(hash)).toEqual({ filter: NO_FILTER });
    },
  );

  it('of a claim can be read by a person', () => {
    const claim = { namespace: 'shop', name: 'pictures.v2' };
    expect(buildHash({ filter: { ...NO_FILTER, phase: 'Failed' }, claim })).toBe(
      '#phase=Failed&claim=shop/pictures.v2',
    );
  });
});
