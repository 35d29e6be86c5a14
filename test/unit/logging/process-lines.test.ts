// Does a process print JSON also of what nobody has caught?
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url).pathname;

function runProgram(what: string) {
  const program = `
    import { createLogger } from './logging/logger.ts';
    import { logProcessLines } from './logging/process-lines.ts';
    logProcessLines(createLogger({ component: 'webhook' }, 'info'));
    ${what}`;
  const args = ['--input-type=module-typescript', '--eval', program];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const lines = `${stdout}${stderr}`.trim().split('\n');
  return { status, lines: lines.map((line) => JSON.parse(line) as object) };
}

test.each([
  ['an error', `throw new Error('odd');`],
  ['a rejection', `void Promise.reject(new Error('odd'));`],
  ['something else', `throw 'odd';`],
])('%s ends the process in one line', (_what, program) => {
  const { status, lines } = runProgram(program);
  expect(status).toBe(1);
  expect(lines).toEqual([expect.objectContaining({ level: 'fatal', err: 'odd' })]);
});

test('a warning of Node is one line', () => {
  const { status, lines } = runProgram(`process.emitWarning('odd', 'OddWarning', 'ODD1');`);
  expect(status).toBe(0);
  const told = { level: 'warn', err: 'OddWarning: odd', code: 'ODD1' };
  expect(lines).toEqual([
    expect.objectContaining({ ...told, stack: expect.stringContaining('at ') }),
  ]);
});
