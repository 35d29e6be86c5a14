// How does the stack come up, gain a node, or stay up?
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ensureBusyboxImage, ensurePauseImage, ensurePauseProgram } from '../images/test-images.ts';
import { addresses, ports } from './addresses.ts';
import type { BootOrder } from './boot.ts';
import { runBootProgram } from './boot-program.ts';
import { ensureParts } from './build-cache.ts';
import { buildFingerprint } from './components/all.ts';
import { buildKubeconfig } from './components/kubeconfig.ts';
import { ensureControlGroups } from './control-groups.ts';
import { ensureDebianPackages } from './debian-packages.ts';
import { removeStack } from './down.ts';
import { startForward } from './forward-port.ts';
import { ensureHostChanges, restorePanicBehaviour } from './host-changes.ts';
import type { JoinOrder } from './join.ts';
import { withStackLock } from './lock.ts';
import { startNamespaces } from './namespaces.ts';
import { wireNode } from './network.ts';
import { firstNode, nodes, type StackNode } from './nodes.ts';
import { ensureKeys } from './pki.ts';
import { buildProgress, type Progress } from './progress.ts';
import { sandboxImage } from './sandbox-image.ts';
import { stackPaths } from './stack-paths.ts';
import { isRunning, readState, writeState, type StackState } from './state.ts';
import { buildFindHolder, StackControl } from './steer.ts';

const programPath = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Makes sure that a stack of exactly this definition runs, with at least so many nodes. One that differs, or is
 * broken, is replaced; a node is added to one that runs, never taken away.
 *
 * @returns whether it had to be started: whoever started it is the one to take it down
 * @throws Error that says what is missing, or which step failed; what has come up stays for inspection
 */
export async function ensureStackUp(write: Progress, nodeCount = 1): Promise<{ started: boolean }> {
  if (process.getuid?.() !== 0) throw new Error('The stack needs root: it makes namespaces');
  return withStackLock(async () => {
    const fingerprint = buildFingerprint(sandboxImage);
    const found = readState();
    const progress = buildProgress(write);
    const fits = isRunning(found) && found.fingerprint === fingerprint;
    let state = fits ? found : await replaceStack(fingerprint, progress);
    const wanted = Math.max(nodeCount, found?.holders.length ?? 0);
    for (const node of nodes.slice(state.holders.length, wanted)) {
      state = await addNode(node, state, progress);
    }
    await startStopped(state, progress);
    return { started: !fits };
  });
}

/** A test that was killed, or a person, may have left something stopped. */
async function startStopped(state: StackState, progress: Progress): Promise<void> {
  const control = new StackControl(buildFindHolder(state));
  for (const name of state.stopped ?? []) {
    await control.start(name);
    progress(`${name} runs again`);
  }
}

async function replaceStack(fingerprint: string, progress: Progress): Promise<StackState> {
  await removeStack(progress);
  await ensureDebianPackages(progress);
  const programs = await ensureParts(progress);
  const images = [await ensurePauseImage(), await ensureBusyboxImage()];
  progress('programs and images are there');
  const startMs = Date.now();
  makeFolders(programs);
  const state = await bootStack(fingerprint, { sandboxImage, images }, progress);
  progress(`stack is up after ${describeSince(startMs)} of booting`);
  return state;
}

async function bootStack(
  fingerprint: string,
  order: BootOrder,
  progress: Progress,
): Promise<StackState> {
  ensureHostChanges();
  ensureControlGroups();
  await ensureKeys();
  const holder = await startNamespaces(firstNode, await ensurePauseProgram());
  const booting = { fingerprint, holders: [holder] as const, components: {}, uiPort: 0 };
  writeState({ phase: 'booting', ...booting });
  progress('namespaces and keys are there');
  const program = programPath('./boot.ts');
  const components = await runBootProgram(program, holder.pid, order, progress).finally(
    restorePanicBehaviour,
  );
  const target = { host: addresses.node, port: ports.temporalUi };
  const uiPort = await startForward(holder.pid, ports.temporalUi, target);
  return saveState({ ...booting, phase: 'up', components, uiPort });
}

/** Until the node has joined, the stack counts as booting: what an interrupted try has left is replaced. */
async function addNode(
  node: StackNode,
  state: StackState,
  progress: Progress,
): Promise<StackState> {
  const startMs = Date.now();
  writeState({ ...state, phase: 'booting' });
  const [first] = state.holders;
  const holder = await startNamespaces(node, await ensurePauseProgram(), first);
  await wireNode(node, holder.pid, first.pid);
  const order: JoinOrder = { node, sandboxImage };
  const program = programPath('./join.ts');
  const joined = await runBootProgram(program, holder.pid, order, progress).finally(
    restorePanicBehaviour,
  );
  progress(`${node.name} has joined after ${describeSince(startMs)}`);
  const components = { ...state.components, ...joined };
  return saveState({ ...state, holders: [...state.holders, holder], components });
}

function saveState(state: StackState): StackState {
  writeState(state);
  return state;
}

function describeSince(startMs: number): string {
  return `${((Date.now() - startMs) / 1000).toFixed(1)} s`;
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
