// Whose code, and in which version, is what images are made of on this machine?
import { readFileSync } from 'node:fs';
import { run } from '../stack/shell.ts';
import { checkoutPath } from './checkout.ts';
import { observeLibraries, readNodeVersion } from './node-layer.ts';
import {
  buildDebianComponent,
  buildNpmComponent,
  parseGoModules,
  type Component,
  type LockedPackage,
} from './sbom.ts';

/** Node and Debian's libraries beneath it: the layer that all images of Node processes share. */
export async function observeRuntime(): Promise<Component[]> {
  const version = readNodeVersion();
  const node: Component = {
    type: 'platform',
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
  };
  return [node, ...(await observeDebianPackages(await findOwners(await observeLibraries())))];
}

/**
 * @param folders of npm packages, relative to the checkout
 * @throws Error a package is not in the lock file
 */
export function observeNpmPackages(folders: readonly string[]): Component[] {
  const { packages } = JSON.parse(readFileSync(checkoutPath('package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  return folders.map((folder) => {
    const locked = packages[folder];
    if (locked === undefined) throw new Error(`package-lock.json does not know ${folder}`);
    return buildNpmComponent(folder.replace(/^.*node_modules\//, ''), locked);
  });
}

/** @param program absolute path of a program that Go made */
export async function observeGoModules(program: string): Promise<Component[]> {
  return parseGoModules(await run(['go', 'version', '-m', program]));
}

/** @param names of Debian packages that are installed here */
export async function observeDebianPackages(names: readonly string[]): Promise<Component[]> {
  const format = '${Package} ${Version}\n';
  const output = await run(['dpkg-query', '--show', `--showformat=${format}`, ...names]);
  return output
    .trim()
    .split('\n')
    .map((line) => {
      const [name = '', version = ''] = line.split(' ');
      return buildDebianComponent(name, version);
    });
}

/** Names the packages that files belong to; dpkg knows some below `/usr/lib` and others below `/lib`, which are one folder. */
async function findOwners(paths: readonly string[]): Promise<string[]> {
  const patterns = paths.map((path) => `*${path.replace(/^\/usr/, '')}`);
  const output = await run(['dpkg-query', '--search', ...patterns]);
  return [
    ...new Set(
      output
        .trim()
        .split('\n')
        .map((line) => line.replace(/:.*/, '')),
    ),
  ];
}
