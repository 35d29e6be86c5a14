// Is the agent safe from its failpoints unless a test arms one?
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../csi-node/config.ts';
import { FAILPOINTS, reach } from '../../../csi-node/failpoints.ts';

const FOLDER = join(import.meta.dirname, '../../../csi-node');

test('reaching any of them does nothing', () => {
  for (const name of FAILPOINTS) reach(name);
});

test('there are at most 40, and each is one place of the code', () => {
  const files = readdirSync(FOLDER).map((name) => readFileSync(join(FOLDER, name), 'utf8'));
  const count = (name: string) => files.join('').split(`reach('${name}')`).length - 1;
  expect(FAILPOINTS.length).toBeLessThanOrEqual(40);
  expect(FAILPOINTS.filter((name) => count(name) !== 1)).toEqual([]);
});

test.for([
  [undefined, ''],
  ['', ''],
  ['attach: source parked', 'attach: source parked'],
] as const)('FAILPOINT=%s arms "%s"', ([FAILPOINT, armed]) => {
  const environment = { NODE_NAME: 'node-1', FAILPOINT };
  expect(parseConfig(environment, '/app').failpoint).toBe(armed);
});
