// Which pages tell what to type?
import { readdirSync, readFileSync } from 'node:fs';
import { checkoutPath } from '../../deploy/images/checkout.ts';
import { parsePage, type Page } from './page.ts';

/** Reads the tutorial and the how-tos; `page` is a path in the checkout. */
export function readPages(): (Page & { page: string })[] {
  return ['docs/tutorial', 'docs/how-to']
    .flatMap((folder) => readdirSync(checkoutPath(folder)).map((name) => `${folder}/${name}`))
    .map((page) => ({ page, ...parsePage(readFileSync(checkoutPath(page), 'utf8')) }));
}
