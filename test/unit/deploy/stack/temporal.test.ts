import { expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../../../api/names.ts';
import { buildTemporal } from '../../../../deploy/stack/components/temporal.ts';

it('Temporal knows the search attributes of claims from its first start', () => {
  const { argv } = buildTemporal();

  const registered = argv.filter((_, index) => argv[index - 1] === '--search-attribute');

  expect(registered).toEqual(
    Object.values(SEARCH_ATTRIBUTES).map(({ name, type }) => `${name}=${type}`),
  );
});
