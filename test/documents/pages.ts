// Which pages tell what to type?
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parsePage, type Page } from './page.ts';

const checkout = path.join(import.meta.dirname, '../..');

/** Reads the tutorial and the how-tos; `page` is a path in the checkout. */
export function readPages(): (Page & { page: string })[] {
  return ['docs/tutorial', 'docs/how-to']
    .flatMap((folder) =>
      readdirSync(path.join(checkout, folder)).map((name) => `${folder}/${name}`),
    )
    .map((page) => ({ page, ...parsePage(readFileSync(path.join(checkout, page), 'utf8')) }));
}
