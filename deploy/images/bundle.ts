// How does a process of ours become one file?
import { rolldown } from 'rolldown';
import { checkoutPath } from './checkout.ts';

/**
 * Bundles an entry point with everything it imports into one ES module.
 *
 * @param entry relative to the checkout
 * @param external packages that stay outside, with their subpaths: those with native code, and Temporal's
 *   SDK, which finds its own files by where they lie
 */
export async function buildBundle(entry: string, external: readonly string[]): Promise<Buffer> {
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
  return Buffer.from(chunk.code);
}
