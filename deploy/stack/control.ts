// How is one component of a running stack stopped or started, or a node rebooted? Runs inside, on the node concerned.
import { mkdirSync, rmSync } from 'node:fs';
import { startComponent } from './boot-processes.ts';
import { answerOrder } from './boot-program.ts';
import { buildNodeComponents, listComponents } from './components/all.ts';
import type { Component } from './components/component.ts';
import { hasKubeletTuned, restorePanicBehaviour } from './host-changes.ts';
import { waitForContainerd } from './node-ready.ts';
import { endNode, renewNode } from './node-reboot.ts';
import type { StackNode } from './nodes.ts';
import { isAlive, killProcess, type ProcessIdentity } from './processes.ts';
import { sandboxImage } from './sandbox-image.ts';
import type { ProcessesByName } from './state.ts';
import { waitUntil } from './wait-until.ts';

/** What the command line and the tests order. */
export type ControlOrder =
  | { verb: 'stop'; process: ProcessIdentity }
  | { verb: 'start'; name: string; withoutData: boolean }
  | { verb: 'reboot'; node: StackNode };

/** Milliseconds in which whatever was killed must be gone, and a kubelet have begun its work. */
const timeoutMs = 30_000;

/** Carries an order out. @returns what was started */
async function control(order: ControlOrder): Promise<ProcessesByName> {
  switch (order.verb) {
    case 'stop':
      await stop(order.process);
      return {};
    case 'start':
      return await start(listNamed(order.name), order.withoutData);
    case 'reboot':
      return await reboot(order.node);
  }
}

/** At once, as a crash would: what must survive that survives a polite end as well. */
async function stop(process: ProcessIdentity): Promise<void> {
  if (isAlive(process)) killProcess(process.pid);
  await waitUntil('the process has ended', () => !isAlive(process), timeoutMs);
}

async function reboot(node: StackNode): Promise<ProcessesByName> {
  await endNode(node);
  await renewNode(node);
  const { first, second } = buildNodeComponents(node, sandboxImage);
  const started = await start(first, false);
  await waitForContainerd();
  return { ...started, ...(await start(second, false)) };
}

function listNamed(name: string): Component[] {
  const all = listComponents(sandboxImage).map(({ component }) => component);
  return all.filter((component) => component.name === name);
}

async function start(
  components: readonly Component[],
  withoutData: boolean,
): Promise<ProcessesByName> {
  const started = components.map((component) => {
    if (withoutData) removeData(component);
    return [component.name, startComponent(component)] as const;
  });
  if (components.some(({ name }) => name.startsWith('kubelet-'))) await keepPanicBehaviour();
  return Object.fromEntries(started);
}

function removeData({ dataFolder }: Component): void {
  if (dataFolder === undefined) return;
  rmSync(dataFolder, { recursive: true, force: true });
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
}

/** A kubelet that takes longer has something to wait for; `down` puts the sysctls back in any case. */
async function keepPanicBehaviour(): Promise<void> {
  const tuned = waitUntil('the kubelet has set its sysctls', hasKubeletTuned, timeoutMs);
  await tuned.catch(() => undefined);
  restorePanicBehaviour();
}

await answerOrder((order) => control(order as ControlOrder));
