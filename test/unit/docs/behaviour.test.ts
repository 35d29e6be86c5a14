// Does every test that docs/reference/behaviour.md names exist?
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');
const page = readFileSync(path.join(root, 'docs/reference/behaviour.md'), 'utf8');

/** Rows of the page's tables whose second cell is a file: behaviour, file, title. */
const rows = page
  .split('\n')
  .map((line) => /^\| +(.+?) +\| +`(test\/[^`]+)` +\| +(.+?) +\|$/.exec(line)?.slice(1))
  .filter((cells) => cells !== undefined) as [string, string, string][];

describe('docs/reference/behaviour.md', () => {
  it('has a test for each behaviour', () => {
    const tableLines = page.split('\n').filter((line) => /^\| (?!Behaviour|-)/.test(line));

    expect(rows).toHaveLength(tableLines.length);
    expect(rows.length).toBeGreaterThan(50);
  });

  it.each(rows)('%s: %s has the title %s', (_behaviour, file, title) => {
    expect(existsSync(path.join(root, file))).toBe(true);
    const source = readFileSync(path.join(root, file), 'utf8');
    expect(source.includes(`'${title}'`) || source.includes(`"${title}"`)).toBe(true);
  });
});
