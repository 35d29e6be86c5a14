// How does the command line become one file that runs wherever Node does? (`build.ts [FOLDER]`; dist when absent)
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** The name by which kubectl finds it: `kubectl dynvol`. */
const NAME = 'kubectl-dynvol';
const checkout = fileURLToPath(new URL('..', import.meta.url));

/**
 * Runs before everything else: with an older Node a library of ours fails, in words that help nobody. 22.19 is what the
 * Kubernetes client asks for.
 */
const VERSION_GUARD = `{
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 22 || (major === 22 && minor < 19)) {
    console.error('kubectl-dynvol needs Node 22.19 or later, better 24; this is ' + process.version + '.');
    process.exit(2);
  }
}`;

/** Bundles `cli/main.ts` with all that it imports. The file has no suffix, so Node tells by its text that it is a module. */
async function buildProgram(): Promise<string> {
  const build = await rolldown({
    input: path.join(checkout, 'cli/main.ts'),
    cwd: checkout,
    platform: 'node',
    logLevel: 'silent',
  });
  const { output } = await build.generate({
    format: 'esm',
    codeSplitting: false,
    banner: VERSION_GUARD,
    // Names stay, for whoever has to read an error's.
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  });
  await build.close();
  const [chunk, ...others] = output;
  if (others.length > 0) throw new Error(`${NAME} became more than one file`);
  return chunk.code;
}

/** @returns where it lies */
async function writeProgram(code: string, folder: string): Promise<string> {
  const file = path.join(folder, NAME);
  await mkdir(folder, { recursive: true });
  await writeFile(file, code);
  await chmod(file, 0o755);
  return file;
}

const [folder = path.join(checkout, 'dist')] = process.argv.slice(2);
const file = await writeProgram(await buildProgram(), folder);
process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
