// How are rows printed? (pure; as kubectl does: columns of a width, three spaces between them)
import { toPlainText } from './plain-text.ts';

export interface Column<Row> {
  title: string;
  text(row: Row): string;
  /** Colours the text once it has its width. */
  mark?(row: Row): (text: string) => string;
  /** Figures stand on the right. */
  align?: 'right';
}

const GAP = '   ';
/** kubectl's word for what is not known. */
const NOTHING = '<none>';

/** Title line and rows, without a line end; an empty cell reads `<none>`. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const widths = measureColumns(columns, rows);
  return [formatTitles(columns, widths), ...formatRows(columns, rows, widths)].join('\n');
}

/** Width of each column, for rows that follow later. */
export function measureColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): number[] {
  return columns.map((column) =>
    Math.max(column.title.length, ...rows.map((row) => buildCell(column, row).length)),
  );
}

/** The line above the rows. */
export function formatTitles<Row>(columns: readonly Column<Row>[], widths: number[]): string {
  const titles = columns.map(({ title, align }, index) => pad(title, widths[index] ?? 0, align));
  return titles.join(GAP).trimEnd();
}

/** One line a row. */
export function formatRows<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  widths: number[],
): string[] {
  return rows.map((row) =>
    columns
      .map((column, index) => formatCell(column, row, widths[index] ?? 0, isLast(columns, index)))
      .join(GAP),
  );
}

function formatCell<Row>(column: Column<Row>, row: Row, width: number, last: boolean): string {
  const text = buildCell(column, row);
  const marked = column.mark ? column.mark(row)(text) : text;
  const space = ' '.repeat(Math.max(width - text.length, 0));
  if (column.align === 'right') return space + marked;
  return last ? marked : marked + space;
}

function buildCell<Row>(column: Column<Row>, row: Row): string {
  return toPlainText(column.text(row)).replace(/\s+/g, ' ') || NOTHING;
}

function isLast(columns: readonly unknown[], index: number): boolean {
  return index === columns.length - 1;
}

function pad(text: string, width: number, align: 'right' | undefined): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width);
}
