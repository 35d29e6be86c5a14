// npm run images: builds every image, and imports those that changed when the stack is up
import { importIntoStack, observeStatus } from '../stack/client.ts';
import { buildProgress } from '../stack/progress.ts';
import { ensureImages } from './build.ts';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  const images = await ensureImages(buildProgress(print));
  images.forEach(({ name, digest, folder }) => print(`${name}\t${digest}\t${folder}`));
  if (observeStatus().running) {
    const imported = await importIntoStack(images);
    print(`Imported into the stack: ${imported.join(' ') || 'nothing, all were there'}`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
