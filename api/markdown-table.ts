// How does a table stand in a generated page? (aligned, as the formatter wants it)

/** @param rows cells as Markdown; a pipe in one is escaped here */
export function buildMarkdownTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const cells = [titles, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = titles.map((_title, column) =>
    Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const [head = [], ...body] = cells;
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}
