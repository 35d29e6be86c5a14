// Which versions are too old?
import { expect, it } from 'vitest';
import { isBelow } from '../../../../cli/doctor/version.ts';

it.each([
  ['v1.29.9', '1.30', true],
  ['v1.30.0', '1.30', false],
  ['1.31+', '1.30', false],
  ['v2.0.0', '1.30', false],
  ['5.10.0-30-amd64', '5.15', true],
  ['5.4.0', '5.15', true],
  ['6.1.0-18-amd64', '6.5', true],
  ['6.12', '6.5', false],
  ['', '6.5', false],
  ['unknown', '6.5', false],
])('%s below %s: %s', (version, oldest, below) => {
  expect(isBelow(version, oldest)).toBe(below);
});
