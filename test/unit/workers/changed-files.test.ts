// Are renewed certificates noticed?
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitForChangedFiles } from '../../../workers/changed-files.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'dynvol-changed-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Writes files as the kubelet does: into a folder of their own, which one link is turned to. */
function mountSecret(version: string, files: Record<string, string>): void {
  mkdirSync(join(dir, `..${version}`));
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(dir, `..${version}`, name), text);
  symlinkSync(`..${version}`, join(dir, '..data_tmp'));
  renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
  for (const name of Object.keys(files)) {
    rmSync(join(dir, name), { force: true });
    symlinkSync(`..data/${name}`, join(dir, name));
  }
}

describe('waitForChangedFiles', () => {
  it.each([
    ['a file has another content', { 'tls.crt': 'new', 'tls.key': 'key' }],
    ['a file has come', { 'tls.crt': 'old', 'tls.key': 'key', 'ca.crt': 'ca' }],
  ])('resolves when %s', async (_, files) => {
    mountSecret('1', { 'tls.crt': 'old', 'tls.key': 'key' });
    const { signal } = new AbortController();
    const changed = waitForChangedFiles([dir], { signal, everyMs: 5 });

    mountSecret('2', files);

    expect(await changed).toBe(true);
  });

  it('resolves when a file has another content beside one that can never be read', async () => {
    mountSecret('1', { 'tls.crt': 'old' });
    mkdirSync(join(dir, 'lost+found'));
    const { signal } = new AbortController();
    const changed = waitForChangedFiles([dir], { signal, everyMs: 5 });

    mountSecret('2', { 'tls.crt': 'new' });

    expect(await changed).toBe(true);
  });

  it('waits when the same content is written again, and until it is told to stop', async () => {
    mountSecret('1', { 'tls.crt': 'old' });
    const stop = new AbortController();
    mkdirSync(join(dir, 'lost+found'));
    const changed = waitForChangedFiles([dir, join(dir, 'missing'), join(dir, 'tls.crt')], {
      signal: stop.signal,
      everyMs: 5,
    });

    mountSecret('2', { 'tls.crt': 'old' });
    setTimeout(() => stop.abort(), 50);

    expect(await changed).toBe(false);
  });
});
