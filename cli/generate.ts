// Is the page about the command line what the commands say? (`npm run generate`; the checks fail when it is stale)
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildCommandLinePage } from './reference-page.ts';

const PAGE = path.join(import.meta.dirname, '../docs/reference/command-line.md');

/** Name of the page, when its content on disk is not what the commands say. */
export function findStalePages(): string[] {
  return readOrEmpty() === buildCommandLinePage() ? [] : [path.relative(process.cwd(), PAGE)];
}

function readOrEmpty(): string {
  try {
    return readFileSync(PAGE, 'utf8');
  } catch {
    return ''; // not generated yet
  }
}

if (import.meta.main) writeFileSync(PAGE, buildCommandLinePage());
