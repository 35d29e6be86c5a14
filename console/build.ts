// How does the console's page become the files that a browser loads?
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const page = join(import.meta.dirname, 'page');

/** Folders of the npm packages whose code is in the page, relative to the checkout. */
export const CONSOLE_PACKAGES = ['node_modules/preact'] as const;

export interface PageFile {
  name: string;
  content: Buffer;
}

/**
 * Builds `index.html`, `app.js` and `app.css`. The page asks for script and style with a hash of their contents, so a
 * server may let browsers keep both for ever.
 */
export async function buildConsole(): Promise<PageFile[]> {
  const [script, style] = await Promise.all([buildScript(), buildStyle()]);
  const template = await readFile(join(page, 'index.html'), 'utf8');
  const index = template
    .replace('"app.js"', `"app.js?${hash(script)}"`)
    .replace('"app.css"', `"app.css?${hash(style)}"`);
  return [
    { name: 'index.html', content: Buffer.from(index) },
    { name: 'app.js', content: script },
    { name: 'app.css', content: style },
  ];
}

async function buildScript(): Promise<Buffer> {
  const build = await rolldown({
    input: join(page, 'main.tsx'),
    cwd: page,
    platform: 'browser',
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'esm', codeSplitting: false, minify: true });
  await build.close();
  const [chunk, ...others] = output;
  if (others.length > 0) throw new Error('The script of the console became more than one file');
  return Buffer.from(chunk.code);
}

/** One sheet, in the order of the names; comments are for us alone. */
async function buildStyle(): Promise<Buffer> {
  const folder = join(page, 'style');
  const names = (await readdir(folder)).sort();
  const sheets = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return Buffer.from(sheets.join('').replaceAll(/\/\*.*?\*\/\s*/gs, ''));
}

function hash(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}
