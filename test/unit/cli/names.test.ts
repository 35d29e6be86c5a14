// Which name is meant, when it is mistyped or comes with its kind?
import { describe, expect, it } from 'vitest';
import { parseClaimName } from '../../../cli/claims.ts';
import { parseImageVersion } from '../../../cli/commands/version.ts';
import { suggestNames } from '../../../cli/near-names.ts';

describe('a suggestion', () => {
  it.each([
    ['a slip', 'pictuers', ['pictures', 'models'], ['pictures']],
    ['the beginning of a name', 'pict', ['pictures-2024', 'models'], ['pictures-2024']],
    ['other letters case', 'Pictures', ['pictures'], ['pictures']],
    ['nothing near', 'zzz', ['pictures', 'models'], []],
    ['one letter, which is near to everything short', 'a', ['b', 'abcdef'], ['b']],
    [
      'many near ones, the nearest first',
      'data1',
      ['data9', 'data12', 'data1x', 'data', 'data1'],
      ['data1', 'data', 'data12'],
    ],
    ['no names', 'a', [], []],
  ])('for %s', (_case, typed, names, suggested) => {
    expect(suggestNames(typed, names)).toEqual(suggested);
  });
});

it.each([
  ['pictures', 'pictures'],
  ['dvc/pictures', 'pictures'],
  ['dynamicvolumeclaim/pictures', 'pictures'],
  ['dynamicvolumeclaims/pictures', 'pictures'],
  ['dynamicvolumeclaim.dynamicvolume.csi.cloudnative101.net/pictures', 'pictures'],
  ['pod/pictures', 'pod/pictures'],
])('%s names the claim %s', (given, name) => {
  expect(parseClaimName(given)).toBe(name);
});

it.each([
  ['dynvol/controller:0.1.0', '0.1.0'],
  ['registry.example.com:5000/dynvol/controller:0.1.0', '0.1.0'],
  ['registry.example.com:5000/dynvol/controller@sha256:abc', 'sha256:abc'],
  ['registry.example.com:5000/dynvol/controller:0.1.0@sha256:abc', '0.1.0'],
  ['controller', 'controller'],
])('the image %s has the version %s', (image, version) => {
  expect(parseImageVersion(image)).toBe(version);
});
