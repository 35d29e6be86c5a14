// Do tables stand as kubectl's do, whatever is in the cells?
import { describe, expect, it } from 'vitest';
import { createStyle } from '../../../../cli/output/style.ts';
import { createTablePrinter } from '../../../../cli/output/table-printer.ts';
import { formatTable } from '../../../../cli/output/table.ts';
import type { Column } from '../../../../cli/output/table.ts';

interface Row {
  name: string;
  pods: string;
}

const COLUMNS: Column<Row>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'PODS', text: ({ pods }) => pods },
];

describe('a table', () => {
  it('gives each column its widest cell, and three spaces', () => {
    const rows = [
      { name: 'a', pods: '1/1' },
      { name: 'longer', pods: '10/20' },
    ];
    expect(formatTable(COLUMNS, rows)).toBe(
      ['NAME     PODS', 'a        1/1', 'longer   10/20'].join('\n'),
    );
  });

  it('writes <none> for what is not known', () => {
    expect(formatTable(COLUMNS, [{ name: 'a', pods: '' }])).toBe('NAME   PODS\na      <none>');
  });

  it('puts figures on the right', () => {
    const columns: Column<Row>[] = [
      { title: 'NAME', text: ({ name }) => name },
      { title: 'PODS', text: ({ pods }) => pods, align: 'right' },
    ];
    expect(formatTable(columns, [{ name: 'a', pods: '7' }])).toBe('NAME   PODS\na         7');
  });

  it('keeps its columns when cells have colours', () => {
    const style = createStyle(true);
    const columns: Column<Row>[] = [
      { title: 'NAME', text: ({ name }) => name, mark: () => style.bad },
      { title: 'PODS', text: ({ pods }) => pods },
    ];
    const [, row] = formatTable(columns, [{ name: 'a', pods: '1' }]).split('\n');
    expect(row).toBe('\u001B[31ma\u001B[0m      1');
  });

  it('shows what would change the terminal, and keeps a row on its line', () => {
    const rows = [{ name: 'a\u001B[2J\u009B', pods: 'x\ny' }];
    expect(formatTable(COLUMNS, rows).split('\n')[1]).toBe('a^[[2J\uFFFD   x y');
  });
});

describe('a table that goes on', () => {
  it('has its titles once, and grows with a longer cell', () => {
    const lines: string[] = [];
    const table = createTablePrinter({ print: (text) => void lines.push(text) }, COLUMNS);
    table.print([]);
    table.print([{ name: 'a', pods: '1' }]);
    table.print([{ name: 'longer', pods: '2' }]);
    table.print([{ name: 'b', pods: '3' }]);
    expect(lines).toEqual(['NAME   PODS', 'a      1', 'longer   2', 'b        3']);
  });
});

describe('colours', () => {
  it('are left out where they are off, and of nothing', () => {
    expect(createStyle(false).bad('x')).toBe('x');
    expect(createStyle(true).bad('')).toBe('');
  });
});
