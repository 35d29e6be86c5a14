// Are resource versions compared as the numbers that they are?
import { expect, it } from 'vitest';
import { isNewerVersion } from '../../../api/resource-version.ts';

it.each([
  ['2', '1', true],
  ['1', '2', false],
  ['7', '7', false],
  ['10', '9', true],
  ['9', '10', false],
  ['90071992547409931', '90071992547409930', true],
])('%s is newer than %s: %s', (one, other, newer) => {
  expect(isNewerVersion(one, other)).toBe(newer);
});
