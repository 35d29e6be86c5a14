// Do bytes and milliseconds read well at every size?
import { expect, it } from 'vitest';
import { formatBytes } from '../../../../cli/output/bytes.ts';
import { formatMs } from '../../../../cli/output/age.ts';

it.each([
  [0, '0 B'],
  [0.4, '0 B'],
  [1, '1 B'],
  [1_023, '1023 B'],
  [1_024, '1.0 KiB'],
  [1_536, '1.5 KiB'],
  [10 * 1_024, '10 KiB'],
  [1_024 ** 2 - 1, '1.0 MiB'],
  [3.25 * 1_024 ** 3, '3.3 GiB'],
  [2 * 1_024 ** 6, '2048 PiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1_500, '1.5 s'],
  [90_000, '90s'],
  [3_600_000, '60m'],
])('%d milliseconds are %s', (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});
