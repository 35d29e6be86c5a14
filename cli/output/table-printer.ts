// How are rows printed that come one after the other?
import type { CliContext } from '../context.ts';
import { formatRows, formatTitles, measureColumns } from './table.ts';
import type { Column } from './table.ts';

export interface TablePrinter<Row> {
  /** Prints rows below those before; the titles stand above the first alone. */
  print(rows: readonly Row[]): void;
}

/** Columns keep the width that they first had, and grow when a longer text comes. */
export function createTablePrinter<Row>(
  { print }: Pick<CliContext, 'print'>,
  columns: readonly Column<Row>[],
): TablePrinter<Row> {
  let widths: number[] | undefined;
  return {
    print(rows) {
      if (rows.length === 0) return;
      const needed = measureColumns(columns, rows);
      const isFirst = widths === undefined;
      const known = widths ?? [];
      const wide = needed.map((width, index) => Math.max(width, known[index] ?? 0));
      widths = wide;
      if (isFirst) print(formatTitles(columns, wide));
      for (const line of formatRows(columns, rows, wide)) print(line);
    },
  };
}
