// Does every test that the pages of docs name exist?
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');

/** What a page says of a fault that no test makes here. */
const NOT_MADE = 'not made here';

/** Cells of the rows of a page's tables that end with a test's file and title, or with why there is none. */
function readRows(page: string): string[][] {
  const lines = readFileSync(path.join(root, 'docs', page), 'utf8').split('\n');
  const tables = lines.filter((line) => line.startsWith('| '));
  const rows = tables.map((line) =>
    line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')),
  );
  return rows
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter((cells) => cells.at(-1) !== 'Title' && !/^-+$/.test(cells.at(-1) ?? ''));
}

/** What a page promises, the file and the title of the test. */
function listTests(page: string): [string, string, string][] {
  return readRows(page)
    .filter((cells) => cells.at(-2) !== NOT_MADE)
    .map((cells) => [cells.slice(0, -2).join(' '), cells.at(-2) ?? '', cells.at(-1) ?? '']);
}

describe.each(['reference/behaviour.md', 'reliability.md', 'bugs.md'])('docs/%s', (page) => {
  it.each(listTests(page))('%s: %s has the title %s', (_what, cell, title) => {
    const file = /^`(test\/[^`]+)`$/.exec(cell)?.[1] ?? cell;
    expect(existsSync(path.join(root, file))).toBe(true);
    const source = readFileSync(path.join(root, file), 'utf8');
    expect(source.includes(`'${title}'`) || source.includes(`"${title}"`)).toBe(true);
  });
});

it('docs/reference/behaviour.md has many behaviours', () => {
  expect(listTests('reference/behaviour.md').length).toBeGreaterThan(50);
});

it('docs/reliability.md has a row for each fault of the catalogue, with a test or the reason why there is none', () => {
  const rows = readRows('reliability.md');
  const faults = Array.from({ length: 70 }, (_, index) => `F${index + 1}`);

  expect(faults.filter((fault) => !rows.some(([number]) => number === fault))).toEqual([]);
  expect(rows.filter((cells) => cells.at(-2) === NOT_MADE && !cells.at(-1))).toEqual([]);
});
