// Is every row of the catalogue accounted for, and tested where the page says?
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { REFUSED_PUBLISHES } from '../../bad-input/agent-cases.ts';
import { ALLOWED_CLAIMS, REFUSED_CLAIMS } from '../../bad-input/claim-cases.ts';
import { ALLOWED_CLASSES, REFUSED_CLASSES } from '../../bad-input/class-cases.ts';
import { REFUSED_COMMANDS } from '../../bad-input/command-cases.ts';
import { REFUSED_CONFIGS } from '../../bad-input/config-cases.ts';
import { FORBIDDEN_ENDPOINTS } from '../../bad-input/endpoint-cases.ts';
import { REFUSED_PODS } from '../../bad-input/pod-cases.ts';
import { REFUSED_SECRETS } from '../../bad-input/secret-cases.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const LAST_ROW = 98;

const CASES: Record<string, readonly { row: number }[]> = {
  'claim-cases': [...REFUSED_CLAIMS, ...ALLOWED_CLAIMS],
  'class-cases': [...REFUSED_CLASSES, ...ALLOWED_CLASSES],
  'endpoint-cases': FORBIDDEN_ENDPOINTS,
  'pod-cases': REFUSED_PODS,
  'agent-cases': REFUSED_PUBLISHES,
  'secret-cases': REFUSED_SECRETS,
  'command-cases': REFUSED_COMMANDS,
  'config-cases': REFUSED_CONFIGS,
};

interface Row {
  row: number;
  answer: string;
  tests: string[];
}

const page = readFileSync(path.join(ROOT, 'docs/reference/bad-input.md'), 'utf8');
const rows: Row[] = page
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, row]) => /^\d+$/.test(row ?? ''))
  .map(([, row, , answer = '', tests = '']) => ({
    row: Number(row),
    answer,
    tests: tests === '–' ? [] : tests.split(', '),
  }));

describe('the catalogue of bad input', () => {
  it('lists every row exactly once, in order', () => {
    const all = Array.from({ length: LAST_ROW }, (_, index) => index + 1);

    expect(rows.map(({ row }) => row)).toEqual(all);
  });

  it.each(Object.entries(CASES))('names %s at the rows that it has cases of', (name, cases) => {
    const named = rows.filter(({ tests }) => tests.includes(name)).map(({ row }) => row);

    expect(named).toEqual([...new Set(cases.map(({ row }) => row))].sort((a, b) => a - b));
  });

  it('names only tests that exist', () => {
    const named = rows.flatMap(({ tests }) => tests).filter((test) => !(test in CASES));

    expect(named.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });

  it('says of a row without a test why it has none', () => {
    const silent = rows.filter(
      ({ tests, answer }) => tests.length === 0 && !/by design|RBAC|by gRPC/.test(answer),
    );

    expect(silent).toEqual([]);
  });
});
