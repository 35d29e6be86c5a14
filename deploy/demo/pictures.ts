// npm run pictures: the README's recording and screenshots, taken on the running stack
import path from 'node:path';
import { installProduct } from '../install/install.ts';
import { ensureStackUp, spawnInStack } from '../stack/client.ts';
import { ensureDebianPackages } from '../stack/debian-packages.ts';
import { waitForExit } from '../stack/shell.ts';
import { browserPackages } from '../stack/versions.ts';
import { printLine } from './print.ts';

await ensureDebianPackages(printLine, browserPackages);
await ensureStackUp(printLine, 2);
await installProduct(printLine);
const program = path.join(import.meta.dirname, 'take-pictures.ts');
process.exitCode = await waitForExit(
  spawnInStack([process.execPath, program], { stdio: 'inherit' }),
);
