// Do the generated pages of the reference name and explain everything?
import { describe, expect, it } from 'vitest';
import { buildAnnotationsPage } from '../../../api/annotations-page.ts';
import { buildCustomResourcesPage } from '../../../api/custom-resources-page.ts';
import { buildMarkdownTable } from '../../../api/markdown-table.ts';
import {
  CLASS_PARAMETERS,
  MOUNT_POD_LABELS,
  POD_ANNOTATIONS,
  SECRET_KEYS,
} from '../../../api/names.ts';

/** Cells of the rows of all tables of a page. */
function readCells(page: string): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '').trim()));
}

describe.each([
  ['custom resources', buildCustomResourcesPage()],
  ['annotations', buildAnnotationsPage()],
])('the page of %s', (_title, page) => {
  it('explains everything that it names', () => {
    const cells = readCells(page);
    expect(cells.length).toBeGreaterThan(20);
    expect(cells.filter((row) => row.some((cell) => cell === ''))).toEqual([]);
  });
});

it('every field of a claim and a class is there, also within lists', () => {
  const names = readCells(buildCustomResourcesPage()).map(([name]) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      '`spec.s3Config.bucket`',
      '`spec.selector.matchExpressions[].operator`',
      '`status.pods[].reason`',
      '`spec.allowedEndpoints`',
    ]),
  );
});

it('what the API server refuses is told in its words, with … for a value', () => {
  expect(buildCustomResourcesPage()).toContain(
    'spec.mountpoint: cannot be changed (from "…" to "…"); create a new claim instead',
  );
});

it.each(
  [POD_ANNOTATIONS, CLASS_PARAMETERS, SECRET_KEYS, MOUNT_POD_LABELS].flatMap((names) =>
    Object.values(names),
  ),
)('%s is on the page', (name) => {
  expect(readCells(buildAnnotationsPage()).map(([cell]) => cell)).toContain(`\`${name}\``);
});

it('a table is aligned, and a pipe does not end a cell', () => {
  expect(buildMarkdownTable(['A', 'Means'], [['x', 'a|b']])).toEqual([
    '| A   | Means |',
    '| --- | ----- |',
    '| x   | a\\|b  |',
  ]);
});
