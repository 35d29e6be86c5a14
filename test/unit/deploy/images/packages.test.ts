// Which npm packages does an image hold, bundled or as they are?
import { expect, it } from 'vitest';
import { listPackages } from '../../../../deploy/images/bundle.ts';
import { checkoutPath } from '../../../../deploy/images/checkout.ts';
import { collectModules, listCollected } from '../../../../deploy/images/production-modules.ts';

it('lists each package of a bundle once, also one within another, and none of our own files', () => {
  const modules = [
    'node_modules/pino/lib/a.js',
    'node_modules/pino/lib/b.js',
    'node_modules/@grpc/grpc-js/build/src/index.js',
    'node_modules/ajv/node_modules/fast-uri/index.js',
    'csi-node/main.ts',
  ].map((path) => checkoutPath(path));

  expect(listPackages([...modules, '\0rolldown/runtime.js'])).toEqual([
    'node_modules/@grpc/grpc-js',
    'node_modules/ajv/node_modules/fast-uri',
    'node_modules/pino',
  ]);
});

it('lists the packages that are copied, and no other manifest in them', () => {
  const names = ['package.json', 'lib/esm/package.json', 'index.js'];
  const entries = ['app/node_modules/koffi', 'app/node_modules/a/node_modules/@b/c'].flatMap(
    (folder) =>
      names.map((name) => ({ kind: 'file' as const, path: `${folder}/${name}`, source: '' })),
  );

  expect(listCollected(entries)).toEqual([
    'node_modules/koffi',
    'node_modules/a/node_modules/@b/c',
  ]);
});

it('lists what is really collected', () => {
  const listed = listCollected(collectModules(['koffi'], ['@koromix/koffi-linux-x64']));

  expect(listed.sort()).toEqual(['node_modules/@koromix/koffi-linux-x64', 'node_modules/koffi']);
});
