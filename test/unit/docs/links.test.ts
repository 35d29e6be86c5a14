// Does every link of the documentation lead somewhere, and every page have a way to it?
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');
const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })].sort();

/** `[text](target)` and `![text](target)`, and what HTML of the README names. */
const LINKS = [/\]\(([^)\s]+)\)/g, /(?:src|srcset|href)="([^"]+)"/g];
const ELSEWHERE = /^[a-z][a-z0-9+.-]*:/i;

function readPage(page: string): string {
  return readFileSync(path.join(root, page), 'utf8');
}

/** What a reader sees as text: links in code are none. */
function dropCode(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, '').replaceAll(/`[^`\n]*`/g, 'code');
}

interface Link {
  /** As it is written. */
  target: string;
  /** Relative to the checkout. */
  file: string;
  anchor: string;
}

function listLinks(page: string): Link[] {
  const text = dropCode(readPage(page));
  const targets = LINKS.flatMap((pattern) => [...text.matchAll(pattern)].map(([, to = '']) => to));
  return targets
    .filter((target) => !ELSEWHERE.test(target))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#');
      return {
        target,
        file: file === '' ? page : path.join(path.dirname(page), file),
        anchor,
      };
    });
}

/** Anchors of the headings, as GitHub makes them: a heading that is there again gets a number. */
function listAnchors(page: string): string[] {
  const text = readPage(page).replaceAll(/^```.*?^```$/gms, '');
  const seen = new Map<string, number>();
  return [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

function isBroken({ file, anchor }: Link): boolean {
  if (!existsSync(path.join(root, file))) return true;
  return anchor !== '' && !listAnchors(file).includes(anchor);
}

function findReachable(start: string): Set<string> {
  const found = new Set([start]);
  for (const page of found) {
    for (const { file } of listLinks(page)) if (pages.includes(file)) found.add(file);
  }
  return found;
}

describe.each(pages)('%s', (page) => {
  it('has no link that leads nowhere', () => {
    expect(listLinks(page).filter(isBroken)).toEqual([]);
  });
});

it('every page can be reached from the README', () => {
  const reachable = findReachable('README.md');
  // Decisions are read as a folder.
  const searched = pages.filter((page) => !page.startsWith('docs/adr/'));
  expect(searched.filter((page) => !reachable.has(page))).toEqual([]);
});

it('every how-to is in their index, once', () => {
  const listed = listLinks('docs/how-to/README.md').map(({ file }) => file);
  const written = pages.filter((page) => /^docs\/how-to\/(?!README)/.test(page));
  expect(listed.filter((file) => file.startsWith('docs/how-to/')).sort()).toEqual(written);
});

it('links are found, and those of code are not', () => {
  expect(listLinks('README.md').length).toBeGreaterThan(30);
  expect(dropCode('```sh\n[a](b)\n```\n`[c](d)` [e](f)')).toBe('\ncode [e](f)');
  expect(isBroken({ target: '', file: 'README.md', anchor: 'no-such-heading' })).toBe(true);
  expect(isBroken({ target: '', file: 'docs/no-such-page.md', anchor: '' })).toBe(true);
});
