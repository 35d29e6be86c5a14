// What does the machine remember of its stack?
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isAlive, type ProcessIdentity } from './processes.ts';
import { stackPaths } from './stack-paths.ts';

/** Processes by component name, with their numbers inside the stack. */
export type ProcessesByName = Record<string, ProcessIdentity>;

/** What `up` writes down. Process numbers of components are those inside the stack. */
export type StackState = {
  phase: 'booting' | 'up';
  fingerprint: string;
  /**
   * First process of each node's namespaces, as the host sees it, in the order of `nodes`. The end of the
   * first one is the stack's end.
   */
  holders: readonly [ProcessIdentity, ...ProcessIdentity[]];
  components: ProcessesByName;
  /** Names of the components that were stopped on purpose. */
  stopped?: readonly string[];
  /** Loopback port of the host that leads to Temporal's UI. */
  uiPort: number;
};

/** Reads the state, or undefined if there is none or it cannot be understood (then it is as good as none). */
export function readState(): StackState | undefined {
  try {
    const state = JSON.parse(readFileSync(stackPaths.stateFile, 'utf8')) as Partial<StackState>;
    // An older checkout wrote it otherwise.
    return state.holders === undefined ? undefined : (state as StackState);
  } catch {
    return undefined;
  }
}

/** Replaces the state in one step, so that a reader never sees half of it. */
export function writeState(state: StackState): void {
  const unfinished = `${stackPaths.stateFile}.unfinished`;
  writeFileSync(unfinished, JSON.stringify(state, null, 2));
  renameSync(unfinished, stackPaths.stateFile);
}

/** The `/proc` of the stack's PID namespace, seen from the host. */
export function procFolderOf(state: StackState): string {
  return `/proc/${state.holders[0].pid}/root/proc`;
}

/** Names of the components that run. */
export function observeRunning(state: StackState): string[] {
  if (!isAlive(state.holders[0])) return [];
  return Object.entries(state.components)
    .filter(([, identity]) => isAlive(identity, procFolderOf(state)))
    .map(([name]) => name);
}

/** Whether the whole stack runs: booted to the end, and no component missing but those that were stopped on purpose. */
export function isRunning(state: StackState | undefined): state is StackState {
  if (state?.phase !== 'up' || !state.holders.every((holder) => isAlive(holder))) return false;
  const there = new Set([...observeRunning(state), ...(state.stopped ?? [])]);
  return Object.keys(state.components).every((name) => there.has(name));
}

/** Notes that components are going to be stopped: from now on nobody misses them. */
export function noteStopped(state: StackState, names: readonly string[]): StackState {
  return { ...state, stopped: [...new Set([...(state.stopped ?? []), ...names])] };
}

/** Notes that components run again, as other processes than before. */
export function noteStarted(state: StackState, started: ProcessesByName): StackState {
  const stopped = (state.stopped ?? []).filter((name) => !(name in started));
  return { ...state, components: { ...state.components, ...started }, stopped };
}
