// How are the processes of a boot started, and watched until it is done?
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Component } from './components/component.ts';
import { isAlive, observeProcess, type ProcessIdentity } from './processes.ts';
import { startDetached } from './shell.ts';
import { stackPaths } from './stack-paths.ts';
import type { ProcessesByName } from './state.ts';

/** What one boot program has started. */
export class BootProcesses {
  readonly #started: [string, ProcessIdentity][] = [];

  start(components: readonly Component[]): void {
    for (const component of components) {
      this.#started.push([component.name, startComponent(component)]);
    }
  }

  /**
   * Waits for the boot to be done.
   *
   * @returns everything that was started
   * @throws Error with the end of its log as soon as one of them has ended
   */
  async waitFor(done: Promise<unknown>): Promise<ProcessesByName> {
    const watch = new AbortController();
    await Promise.race([done, this.#failWhenOneEnds(watch.signal)]);
    watch.abort();
    return Object.fromEntries(this.#started);
  }

  /** Nothing that has ended comes back: saying so at once beats waiting for the time-out. */
  async #failWhenOneEnds(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const ended = this.#started.find(([, identity]) => !isAlive(identity));
      if (ended !== undefined) throw new Error(describeEnd(ended[0]));
      await sleep(200, undefined, { ref: false });
    }
  }
}

/**
 * Writes a component's files and starts it, its output in a log of its name.
 *
 * @throws Error when its program cannot be started
 */
export function startComponent(component: Component): ProcessIdentity {
  for (const folder of component.folders ?? []) mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(component.files ?? {})) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: 0o600 });
  }
  const child = startDetached(component.argv, {
    logFile: logPath(component.name),
    ...(component.env === undefined ? {} : { env: component.env }),
  });
  const identity = child.pid === undefined ? undefined : observeProcess(child.pid);
  if (identity === undefined) throw new Error(`${component.argv[0]} could not be started`);
  child.unref();
  return identity;
}

function describeEnd(name: string): string {
  const log = readFileSync(logPath(name), 'utf8').trim().split('\n').slice(-5).join('\n');
  return `${name} ended while booting:\n${log}`;
}

function logPath(name: string): string {
  return `${stackPaths.logs}/${name}.log`;
}
