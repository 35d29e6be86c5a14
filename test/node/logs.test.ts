// Does the agent write JSON alone, at the level that is wanted now?
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { LAB_NODE } from './agent-client.ts';
import { Lab } from './lab.ts';
import { until } from './processes.ts';

interface Line {
  level: string;
  node: string;
  msg: string;
  method?: string;
}

let lab: Lab;
let levelFile: string;

beforeAll(async () => {
  lab = await Lab.make();
  levelFile = join(lab.makeDirectory('log-levels'), 'csi-node');
  await lab.startAgent({ LOG_LEVEL: 'info', LOG_LEVEL_FILE: levelFile });
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

function readLines(): Line[] {
  const texts = lab.agent.output().trim().split('\n');
  return texts.map((text) => JSON.parse(text) as Line);
}

async function waitForLines(msg: string, count: number): Promise<void> {
  const found = () => readLines().filter((line) => line.msg === msg);
  await until(`${count} lines: ${msg}`, () => found().length === count, 20_000);
}

test('follows the file of its level without a restart, and names its node', async () => {
  await lab.list();
  expect(readLines().some(({ level }) => level === 'debug')).toBe(false);

  writeFileSync(levelFile, 'debug\n');
  await waitForLines('Log level was changed', 1);
  await lab.list();
  await until('it is told', () => readLines().some(({ method }) => method === 'List'));

  writeFileSync(levelFile, 'loud\n');
  await waitForLines('Log level cannot be used', 1);
  rmSync(levelFile);
  await waitForLines('Log level was changed', 2);
  expect(readLines().every(({ node }) => node === LAB_NODE)).toBe(true);
});
