// Does the page about the command line have what the commands have?
import { expect, it } from 'vitest';
import { buildCommandLinePage } from '../../../cli/reference-page.ts';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';

const page = buildCommandLinePage();

/** The part of one command. */
function readSection(command: string): string {
  return page.split('\n## ').find((part) => part.startsWith(`kubectl dynvol ${command}\n`)) ?? '';
}

it.each([
  ['get', '`-w, --watch`'],
  ['wait', 'one of `ready`, `deleted`; `ready` when absent'],
  ['mount', '`--no-wait`'],
  ['mount', '| s3://BUCKET or s3://BUCKET/PREFIX.'],
  ['detach', '`--grace <seconds>`'],
  ['explain', 'Also `kubectl dynvol describe`.'],
  ['completion', 'one of `bash`, `zsh`, `fish`, `kubectl`'],
])('%s has %s', (command, words) => {
  expect(readSection(command)).toContain(words);
});

it('has no help of the help, and none of what is hidden', () => {
  expect(page).not.toContain('-h, --help');
  expect(page).not.toContain('kubectl dynvol __complete');
});

it('has every exit code', () => {
  const [, table = ''] = page.split('## Exit codes');
  for (const code of Object.values(EXIT_CODES))
    expect(table).toMatch(new RegExp(`^\\| ${code} `, 'm'));
});
