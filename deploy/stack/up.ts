// How does the stack come up, or stay up?
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildFullName, buildImageName } from '../images/built-image.ts';
import { ensureBusyboxImage, ensurePauseImage, ensurePauseProgram } from '../images/test-images.ts';
import { addresses, ports } from './addresses.ts';
import type { BootOrder } from './boot.ts';
import { ensureParts } from './build-cache.ts';
import { buildFingerprint } from './components/all.ts';
import { buildKubeconfig } from './components/kubeconfig.ts';
import { ensureControlGroups } from './control-groups.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { removeStack } from './down.ts';
import { startForward } from './forward-port.ts';
import { ensureHostChanges, restorePanicBehaviour } from './host-changes.ts';
import { withStackLock } from './lock.ts';
import { buildEnterArgv, startNamespaces } from './namespaces.ts';
import { ensureKeys } from './pki.ts';
import type { ProcessIdentity } from './processes.ts';
import { buildProgress, type Progress } from './progress.ts';
import { run } from './shell.ts';
import { stackPaths } from './stack-paths.ts';
import { isRunning, readState, writeState, type StackState } from './state.ts';

const sandboxImage = buildFullName(buildImageName('pause'));
const bootProgram = fileURLToPath(new URL('./boot.ts', import.meta.url));

/**
 * Makes sure that a stack of exactly this definition runs. One that differs, or is broken, is replaced.
 *
 * @returns whether it had to be started: whoever started it is the one to take it down
 * @throws Error that says what is missing, or which step failed; what has come up stays for inspection
 */
export async function ensureStackUp(write: Progress): Promise<{ started: boolean }> {
  if (process.getuid?.() !== 0) throw new Error('The stack needs root: it makes namespaces');
  return withStackLock(async () => {
    const fingerprint = buildFingerprint(sandboxImage);
    const state = readState();
    if (isRunning(state) && state.fingerprint === fingerprint) return { started: false };
    const progress = buildProgress(write);
    await removeStack(progress);
    await bootStack(fingerprint, progress);
    return { started: true };
  });
}

async function bootStack(fingerprint: string, progress: Progress): Promise<void> {
  await ensureDebianPackages(progress);
  const programs = await ensureParts(progress);
  const images = [await ensurePauseImage(), await ensureBusyboxImage()];
  progress('programs and images are there');
  const startMs = Date.now();
  makeFolders(programs);
  ensureHostChanges();
  ensureControlGroups();
  await ensureKeys();
  const holder = await startNamespaces(await ensurePauseProgram());
  const state = { fingerprint, holder, components: {}, uiPort: 0 };
  writeState({ phase: 'booting', ...state });
  progress('namespaces and keys are there');
  const components = await bootInside(holder, { sandboxImage, images }, progress);
  const target = { host: addresses.node, port: ports.temporalUi };
  const uiPort = await startForward(holder.pid, ports.temporalUi, target);
  writeState({ ...state, phase: 'up', components, uiPort });
  progress(`stack is up after ${((Date.now() - startMs) / 1000).toFixed(1)} s of booting`);
}

async function bootInside(
  holder: ProcessIdentity,
  order: BootOrder,
  progress: Progress,
): Promise<StackState['components']> {
  try {
    const argv = [process.execPath, bootProgram, JSON.stringify(order)];
    const output = await run(buildEnterArgv(holder.pid, argv, '/'), { onErrorLine: progress });
    return JSON.parse(output) as StackState['components'];
  } finally {
    restorePanicBehaviour();
  }
}

function makeFolders(programs: Record<string, string>): void {
  for (const folder of [
    stackPaths.bin,
    stackPaths.logs,
    stackPaths.config,
    stackPaths.kubeconfigs,
  ]) {
    mkdirSync(folder, { recursive: true });
  }
  for (const [name, path] of Object.entries(programs))
    symlinkSync(path, `${stackPaths.bin}/${name}`);
  writeFileSync(stackPaths.adminKubeconfig, buildKubeconfig('admin'), { mode: 0o600 });
}
