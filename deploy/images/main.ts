// npm run images: builds every image, and imports those that changed when the stack is up
import { enterArgv, observeStatus, stackEnv } from '../stack/client.ts';
import { buildProgress } from '../stack/progress.ts';
import { run } from '../stack/shell.ts';
import { ensureImages } from './build.ts';
import { ensureImported } from './import-images.ts';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  const images = await ensureImages(buildProgress(print));
  images.forEach(({ name, digest, folder }) => print(`${name}\t${digest}\t${folder}`));
  if (observeStatus().running) {
    const env = stackEnv();
    const imported = await ensureImported(images, (argv) => run(enterArgv(argv), { env }));
    print(`Imported into the stack: ${imported.join(' ') || 'nothing, all were there'}`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
