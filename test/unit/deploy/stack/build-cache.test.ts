import { expect, it } from 'vitest';
import { buildPartKey } from '../../../../deploy/stack/build-cache.ts';
import { parts, type Part } from '../../../../deploy/stack/parts.ts';

const part: Part = {
  name: 'a',
  version: '1',
  packages: ['a@v1'],
  flags: ['-s'],
  programs: { a: 'a' },
};

it.each([
  ['Go', part, 'go1.27'],
  ['a flag', { ...part, flags: [] }, 'go1.26'],
  ['a version', { ...part, packages: ['a@v2'] }, 'go1.26'],
  ['the module file', { ...part, moduleFolder: parts[0]?.moduleFolder ?? '' }, 'go1.26'],
])('a part has another key when %s changes', async (_, changed, goVersion) => {
  const before = await buildPartKey(part, 'go1.26');

  expect(await buildPartKey(changed, goVersion)).not.toBe(before);
});

it('no two parts make a program of the same name', () => {
  const names = parts.flatMap(({ programs }) => Object.values(programs));

  expect(new Set(names).size).toBe(names.length);
});
