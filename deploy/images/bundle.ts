// How does a process of ours become one file?
import { relative } from 'node:path';
import { rolldown } from 'rolldown';
import { checkoutPath } from './checkout.ts';

/** A process as one ES module. */
export type Bundle = {
  code: Buffer;
  /** Folders of the npm packages whose code is in it, relative to the checkout and sorted. */
  packages: string[];
};

/**
 * Bundles an entry point with everything it imports into one ES module.
 *
 * @param entry relative to the checkout
 * @param external packages that stay outside, with their subpaths: those with native code, and Temporal's
 *   SDK, which finds its own files by where they lie
 * @param sources what the image is made anew for, relative to the checkout
 * @throws Error something else of ours is imported: an image would outlive its changes
 */
export async function buildBundle(
  entry: string,
  external: readonly string[],
  sources: readonly string[],
): Promise<Bundle> {
  const isExternal = (id: string): boolean =>
    external.some((name) => id === name || id.startsWith(`${name}/`));
  const build = await rolldown({
    input: checkoutPath(entry),
    cwd: checkoutPath(),
    platform: 'node',
    external: isExternal,
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false });
  await build.close();
  const [chunk, ...others] = output;
  if (others.length > 0) throw new Error(`The bundle of ${entry} became more than one file`);
  const foreign = findForeign(Object.keys(chunk.modules), sources);
  if (foreign !== undefined) throw new Error(`${entry} imports ${foreign}: name it as a source`);
  const used = Object.entries(chunk.modules).filter(([, { renderedLength }]) => renderedLength > 0);
  return { code: Buffer.from(chunk.code), packages: listPackages(used.map(([path]) => path)) };
}

function findForeign(modules: readonly string[], sources: readonly string[]): string | undefined {
  return modules
    .filter((path) => path.startsWith(checkoutPath()) && !path.includes('/node_modules/'))
    .map((path) => relative(checkoutPath(), path))
    .find((path) => !sources.some((source) => `${path}/`.startsWith(`${source}/`)));
}

/** Each package once that these absolute paths of modules lie in. */
export function listPackages(modules: readonly string[]): string[] {
  const folders = modules.flatMap(
    (path) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return [...new Set(folders)].map((folder) => folder.slice(checkoutPath().length)).sort();
}
