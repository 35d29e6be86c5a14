// Can everything on the page be read, in light and in dark? (WCAG 2.2, 1.4.3 and 1.4.11)
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contrast } from './contrast.ts';

const sheet = readFileSync('console/page/style/base.css', 'utf8');
const [light = '', dark = ''] = sheet.split('@media (prefers-color-scheme: dark)');

function readColours(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', colour = '']) => [
      name,
      colour,
    ]),
  );
}

const SOFT = ['accent-soft', 'ok-soft', 'failed-soft', 'leaving-soft'];
const GROUNDS = ['ground', 'surface', 'raised'];
const MARKS = ['ok', 'busy', 'waiting', 'failed', 'leaving', 'absent'];

const PAIRS: [string, string, number][] = [
  ...[...GROUNDS, ...SOFT].flatMap((ground): [string, string, number][] => [
    ['text', ground, 7],
    ['faint', ground, 4.5],
  ]),
  ...GROUNDS.flatMap((ground): [string, string, number][] => [
    ['accent', ground, 4.5],
    ['failed', ground, 4.5],
    ...MARKS.map((mark): [string, string, number] => [mark, ground, 3]),
  ]),
  ['ground', 'accent', 4.5],
  ...MARKS.map((mark): [string, string, number] => ['cut', mark, 3]),
];

describe.each([
  ['light', readColours(light)],
  ['dark', readColours(dark)],
])('in %s', (_scheme, colours) => {
  it.each(PAIRS)('%s on %s has a contrast of at least %f', (one, other, least) => {
    const [a, b] = [colours.get(one) ?? '', colours.get(other) ?? ''];
    expect([a, b]).not.toContain('');
    expect(contrast(a, b)).toBeGreaterThanOrEqual(least);
  });
});
