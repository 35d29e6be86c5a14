// Does the checker understand what the kernel, the S3 server and programs write?
import { mkdtemp, rm, appendFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildNodeRows, buildRow, VOLUME_DIR } from '../../builders/snapshots.ts';
import { findUncovered, isAllowedOnNode, parseMountTable } from '../../invariants/mount-table.ts';
import { parseReasons } from '../../invariants/observe.ts';
import { parseError } from '../../invariants/probe.ts';
import { parseStat } from '../../invariants/processes.ts';
import { parseRequest, S3Log } from '../../invariants/s3-log.ts';

describe('a mount table', () => {
  it('is parsed with its escapes, and without what is no row', () => {
    const text = `${buildRow('/a\\040b', { options: 'ro,nosuid' })}\nnonsense\n`;

    expect(parseMountTable(text)).toMatchObject([
      { mountpoint: '/a b', options: ['ro', 'nosuid'], device: '0:77', parentId: 70 },
    ]);
  });

  it.each([
    [`${VOLUME_DIR}/data`, true],
    [`${VOLUME_DIR}/data/deep`, true],
    [VOLUME_DIR, false],
    ['/var/lib/dynamic/xvols/s3/data', false],
    ['/var/lib/dynamic/stage/key', true],
    ['/var/lib/dynamic/stage/key/deeper', false],
    ['/var/lib/dynamic/other', false],
    ['/etc', false],
  ])('%s: storage may be mounted there: %s', (mountpoint, isAllowed) => {
    expect(isAllowedOnNode(mountpoint)).toBe(isAllowed);
  });

  it('tells where a folder lies beneath everything', () => {
    const rows = parseMountTable(buildNodeRows().join('\n'));

    expect(findUncovered(rows, '/var/lib/dynamic')).toBe('/var/lib/stack/node1/dynamic');
  });

  it('tells nothing of a folder that is covered wherever it is shown', () => {
    const rows = [...buildNodeRows(), buildRow('/var/lib/stack', { device: '0:5' })];

    expect(findUncovered(parseMountTable(rows.join('\n')), '/var/lib/dynamic')).toBeUndefined();
  });
});

const line = (operation: string, key: string, status: number) =>
  `- bucket [21/November/2026:20:00:00 +0000] 10.89.1.7 user 4A5 ${operation} ${key} /bucket/x ${status} - 0 1 2 2 - rclone/1 - - SigV4 - AuthHeader - - arn Yes`;

describe('an access log', () => {
  it.each([
    ['file', line('s3_PutObject', 'file', 200), { key: 'file', status: 200 }],
    ['a key with blanks', line('s3_GetObject', 'a b c', 404), { key: 'a b c', status: 404 }],
  ])('%s', (_title, text, request) => {
    expect(parseRequest(text)).toMatchObject({
      bucket: 'bucket',
      address: '10.89.1.7',
      ...request,
    });
  });

  it('has a first line that is no request', () => {
    expect(parseRequest('log starts 2026-11-21 20:00:00')).toBeUndefined();
  });

  it('is read on from where it ended, a line at a time', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-log-'));
    const file = path.join(folder, 'access.log');
    const log = new S3Log(file);
    expect(await log.read()).toEqual([]);
    await writeFile(file, `${line('s3_GetObject', 'old', 200)}\n`);
    expect(await log.read()).toEqual([]);

    const text = line('s3_PutObject', 'new', 200);
    await appendFile(file, text.slice(0, 40));
    expect(await log.read()).toEqual([]);
    await appendFile(file, `${text.slice(40)}\n`);
    expect((await log.read()).map(({ key }) => key)).toEqual(['new']);

    await rm(folder, { recursive: true });
  });
});

describe('what programs say', () => {
  it.each([
    [
      "stat: cannot statx '/x': Transport endpoint is not connected\n",
      'Transport endpoint is not connected',
    ],
    ["ls: cannot access '/x': No such file or directory\n", 'gone'],
    ['', 'silent'],
  ])('%s', (text, answer) => {
    expect(parseError(text)).toBe(answer);
  });

  it('a process may be called anything', () => {
    const stat = { command: 'a) D (b', state: 'S', parent: 7 };

    expect(parseStat('12 (a) D (b) S 7 1 2')).toEqual(stat);
    expect(parseStat('')).toBeUndefined();
  });

  it('reasons are the headings of their page', () => {
    expect(parseReasons('# Reasons\n\n### Attached\n\nText\n\n### InUse\n')).toEqual(
      new Set(['Attached', 'InUse']),
    );
  });
});
