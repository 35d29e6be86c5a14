// npm run bench: how long from claim to readable, as ratios to floors measured in the same run?
import path from 'node:path';
import { installProduct } from '../../deploy/install/install.ts';
import { ensureStackUp, spawnInStack, stackDown, stackPaths } from '../../deploy/stack/client.ts';
import { waitForExit } from '../../deploy/stack/shell.ts';
import { runProgram } from '../tiers/programs.ts';

const progress = (line: string) => console.error(line);

const { started } = await ensureStackUp(progress);
try {
  await installProduct(progress);
  const measure = path.join(import.meta.dirname, 'measure.ts');
  const argv = [process.execPath, measure, ...process.argv.slice(2)];
  const inCluster = await waitForExit(spawnInStack(argv, { stdio: 'inherit' }));
  const hungMounts = path.join(import.meta.dirname, 'hung-mounts.ts');
  const inLab = await runProgram([process.execPath, hungMounts], {
    DYNVOL_BIN_DIR: stackPaths.bin,
  });
  process.exitCode = inCluster === 0 ? inLab : inCluster;
} finally {
  if (started) await stackDown(progress);
}
