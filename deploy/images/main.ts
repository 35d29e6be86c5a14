// npm run images [-- --push REGISTRY]: builds every image; imports them when the stack is up, or pushes those of the chart
import { parseArgs } from 'node:util';
import { importIntoStack, observeStatus } from '../stack/client.ts';
import { buildProgress } from '../stack/progress.ts';
import { ensureImages, ensurePublishedImages } from './build.ts';
import { pushImages } from './push.ts';
import { parseRegistry, type Registry } from './registry.ts';

const usage = `usage: npm run images [-- --push REGISTRY [--tls-verify=false]]
  --push        pushes the images of the chart, with a bill of materials each, to host[:port][/path]
  --tls-verify  false for a registry without a certificate that this machine trusts`;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function parseArguments(): Registry | undefined {
  const { values } = parseArgs({
    options: { push: { type: 'string' }, 'tls-verify': { type: 'string' } },
  });
  if (values.push !== undefined) return parseRegistry(values.push, values['tls-verify']);
  if (values['tls-verify'] !== undefined) throw new Error('--tls-verify is for --push');
  return undefined;
}

async function buildAndImport(): Promise<void> {
  const images = await ensureImages(buildProgress(print));
  images.forEach(({ name, digest, folder }) => print(`${name}\t${digest}\t${folder}`));
  if (observeStatus().running) {
    const imported = await importIntoStack(images);
    print(`Imported into the stack: ${imported.join(' ') || 'nothing, all were there'}`);
  }
}

async function buildAndPush(registry: Registry): Promise<void> {
  const progress = buildProgress(print);
  const images = await ensurePublishedImages(progress);
  const pushed = await pushImages(images, registry, progress);
  for (const { name, digest, sbomFile } of pushed) print(`${name}\t${digest}\t${sbomFile}`);
  print(`The chart takes them from there with --set image.registry=${registry.address}/`);
}

function fail(message: string, status: number): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = status;
}

async function main(): Promise<void> {
  let registry: Registry | undefined;
  try {
    registry = parseArguments();
  } catch (error) {
    return fail(`${(error as Error).message}\n${usage}`, 2);
  }
  try {
    await (registry === undefined ? buildAndImport() : buildAndPush(registry));
  } catch (error) {
    fail((error as Error).message, 1);
  }
}

await main();
