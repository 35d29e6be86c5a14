// How are the figures printed?
import type { MemoryRow } from './memory.ts';
import type { Summary } from './samples.ts';

/** A line of the table: figures in milliseconds, and how they compare with their floor. */
export function printSummary(title: string, summary: Summary, floorMs?: number): void {
  const ratio = floorMs === undefined ? '' : (summary.p50Ms / floorMs).toFixed(2);
  printRow(title, summary.p50Ms.toFixed(1), summary.p95Ms.toFixed(1), ratio);
}

export function printRow(title: string, p50: string, p95: string, ratio: string): void {
  console.log(`${title.padEnd(46)} ${p50.padStart(8)} ${p95.padStart(8)} ${ratio.padStart(14)}`);
}

/** A figure without percentiles. */
export function printFigure(title: string, value: string, ratio = ''): void {
  console.log(`${title.padEnd(46)} ${value.padStart(17)} ${ratio.padStart(14)}`);
}

export function printMemory(rows: MemoryRow[]): void {
  for (const { title, megabytes, floor } of rows) {
    const floorRow = rows.find((row) => row.title === floor);
    const ratio = floorRow ? (megabytes / floorRow.megabytes).toFixed(2) : '';
    printFigure(title, `${megabytes.toFixed(0)} MB`, ratio);
  }
}

/** `5` or `5 to 7`. */
export function formatRange(counts: number[]): string {
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  return low === high ? `${low}` : `${low} to ${high}`;
}
