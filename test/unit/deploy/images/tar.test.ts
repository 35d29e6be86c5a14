import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildHeader, writeTar, type TarEntry } from '../../../../deploy/images/tar.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const longPath = `${'folder/'.repeat(20)}file`;

const entries: TarEntry[] = [
  { kind: 'folder', path: 'tmp', mode: 0o1777 },
  { kind: 'file', path: 'bin/sh', source: Buffer.from('program'), mode: 0o755 },
  { kind: 'link', path: 'bin/ls', target: 'sh' },
  { kind: 'file', path: longPath, source: Buffer.alloc(600, 'x') },
];

describe('writeTar()', () => {
  it('writes what tar reads', () => {
    const path = join(makeTemporaryFolder(), 'a.tar');

    writeTar(path, entries);

    const table = execFileSync('tar', ['tvf', path, '--utc', '--numeric-owner'], {
      encoding: 'utf8',
    });
    expect(table.trim().split('\n')).toEqual([
      expect.stringMatching(/^drwxrwxrwt 0\/0 +0 1970-01-01 00:00 tmp\/$/),
      expect.stringMatching(/^-rwxr-xr-x 0\/0 +7 1970-01-01 00:00 bin\/sh$/),
      expect.stringMatching(/^lrwxrwxrwx 0\/0 +0 1970-01-01 00:00 bin\/ls -> sh$/),
      expect.stringMatching(new RegExp(`^-rw-r--r-- 0/0 +600 1970-01-01 00:00 ${longPath}$`)),
    ]);
  });

  it('gives equal bytes for equal entries', () => {
    const folder = makeTemporaryFolder();

    const first = writeTar(join(folder, 'a.tar'), entries);
    const second = writeTar(join(folder, 'b.tar'), entries);

    expect(second).toEqual(first);
    expect(readFileSync(join(folder, 'b.tar')).length).toBe(first.sizeBytes);
  });
});

describe('buildHeader()', () => {
  it('refuses a path that the format cannot hold', () => {
    const path = 'x'.repeat(101);

    expect(() => buildHeader({ kind: 'folder', path }, 0)).toThrow('Path too long');
  });
});
