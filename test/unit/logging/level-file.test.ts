// Does a process write at the level that its file says, whatever becomes of the file?
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { afterEach, beforeEach, expect, it, test } from 'vitest';
import { LevelFile, parseLevel } from '../../../logging/level-file.ts';
import { createLogger } from '../../../logging/logger.ts';

interface Line {
  level: string;
  msg: string;
  err?: string;
}

let folder: string;
let lines: Line[];
let log: Logger;
let file: LevelFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dynvol-level-'));
  lines = [];
  const write = (line: string) => lines.push(JSON.parse(line) as Line);
  log = createLogger({ component: 'webhook' }, 'info', { write });
  file = new LevelFile(log, join(folder, 'webhook'));
});

afterEach(() => rmSync(folder, { recursive: true }));

let versions = 0;

/** As the kubelet brings a ConfigMap: the file is a link into `..data`, which is swapped as a whole. */
function bring(text: string): void {
  const version = `..version-${versions++}`;
  mkdirSync(join(folder, version));
  writeFileSync(join(folder, version, 'webhook'), text);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  rmSync(join(folder, 'webhook'), { force: true });
  symlinkSync('..data/webhook', join(folder, 'webhook'));
}

test.each(['debug', 'debug\n', '  debug '])('%j is a level', (text) => {
  expect(parseLevel(text)).toEqual({ level: 'debug' });
});

test.each(['', 'DEBUG', 'loud', 'debug info', 'fatal'])('%j is none', (text) => {
  expect(parseLevel(text)).toEqual({ problem: expect.stringContaining('must be one of trace,') });
});

it('follows the file, and says so once for each change', async () => {
  for (const level of ['debug', 'debug', 'warn', 'info']) {
    bring(level);
    await file.look();
    expect(log.level).toBe(level);
  }
  expect(lines.map(({ msg }) => msg)).toEqual(Array(3).fill('Log level was changed'));
});

it('goes on as configured while there is no file', async () => {
  await file.look();
  bring('error');
  await file.look();
  rmSync(join(folder, 'webhook'));
  await file.look();
  expect(log.level).toBe('info');
});

it('tells once of what is no level, and goes on with the last one', async () => {
  bring('debug');
  await file.look();
  bring('loud');
  await file.look();
  await file.look();
  expect(log.level).toBe('debug');
  expect(lines.filter(({ level }) => level === 'warn')).toEqual([
    expect.objectContaining({
      msg: 'Log level cannot be used',
      err: 'must be one of trace, debug, info, warn, error, not "loud"',
    }),
  ]);
  bring('info');
  await file.look();
  bring('loud');
  await file.look();
  expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
});

it('tells of a file that cannot be read', async () => {
  mkdirSync(join(folder, 'webhook'));
  await file.look();
  expect(lines).toEqual([expect.objectContaining({ err: expect.stringContaining('EISDIR') })]);
});
