// Which commands of the documentation does no test run?
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkoutPath } from '../../../deploy/images/checkout.ts';
import { parsePage } from '../../documents/page.ts';

/** Blocks that are not run, by page: what needs what the stack has not, or would take it away. */
const NOT_RUN = {
  'docs/how-to/air-gap.md': 1,
  'docs/how-to/connect-to-temporal.md': 3,
  'docs/how-to/install.md': 2,
  'docs/how-to/read-the-logs.md': 1,
  'docs/how-to/use-cert-manager.md': 1,
  'docs/tutorial/first-claim.md': 1,
};

it('no more commands are spared than those that cannot be run', () => {
  const pages = ['docs/tutorial', 'docs/how-to'].flatMap((folder) =>
    readdirSync(checkoutPath(folder)).map((name) => `${folder}/${name}`),
  );
  const counts = pages
    .map((page) => [page, parsePage(readFileSync(checkoutPath(page), 'utf8')).notRun.length])
    .filter(([, count]) => count !== 0);

  expect(Object.fromEntries(counts)).toEqual(NOT_RUN);
});
