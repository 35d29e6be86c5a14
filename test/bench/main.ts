// npm run bench: how long from claim to readable, as ratios to floors measured in the same run?
import path from 'node:path';
import { installProduct } from '../../deploy/install/install.ts';
import { ensureStackUp, spawnInStack, stackDown } from '../../deploy/stack/client.ts';
import { waitForExit } from '../../deploy/stack/shell.ts';

const progress = (line: string) => console.error(line);

const { started } = await ensureStackUp(progress);
try {
  await installProduct(progress);
  const measure = path.join(import.meta.dirname, 'measure.ts');
  const argv = [process.execPath, measure, ...process.argv.slice(2)];
  process.exitCode = await waitForExit(spawnInStack(argv, { stdio: 'inherit' }));
} finally {
  if (started) await stackDown(progress);
}
