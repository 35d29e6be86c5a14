// How do the command line and the tests stop, start and restart components of the running stack, and reboot a node?
import { fileURLToPath } from 'node:url';
import { runBootProgram } from './boot-program.ts';
import { listComponents, type PlacedComponent } from './components/all.ts';
import type { ControlOrder } from './control.ts';
import { UsageError } from './node-count.ts';
import { firstNode, nodes, type StackNode } from './nodes.ts';
import { sandboxImage } from './sandbox-image.ts';
import { noteStarted, noteStopped, readState, writeState, type StackState } from './state.ts';

const program = fileURLToPath(new URL('./control.ts', import.meta.url));
const ignore = (): void => undefined;

/** Finds the first process of a node's namespaces, with its number where the caller is. */
export type FindHolder = (node: StackNode) => number;

/** Looks it up in what was written down: for the host only. */
export function buildFindHolder({ holders }: StackState): FindHolder {
  return (node) => {
    const holder = holders[nodes.indexOf(node)];
    if (holder === undefined) throw new UsageError(`The stack has no ${node.name}`);
    return holder.pid;
  };
}

/** Steers a running stack: from the host, or from within it as root. One at a time. */
export class StackControl {
  readonly #findHolder: FindHolder;

  constructor(findHolder: FindHolder) {
    this.#findHolder = findHolder;
  }

  /**
   * Ends a component as a crash would, and notes that this was on purpose. One that is stopped stays so.
   *
   * @throws UsageError that lists the names when there is none of this one
   */
  async stop(name: string): Promise<void> {
    const { node } = findComponent(name);
    const state = readWritten();
    const process = state.components[name];
    if (process === undefined) throw new UsageError(`The stack has no ${node.name}`);
    writeState(noteStopped(state, [name]));
    await this.#order(node, { verb: 'stop', process });
  }

  /**
   * Starts a component that was stopped; one that runs goes on. Returns once its process runs, not once it serves.
   *
   * @param withoutData makes it forget everything first
   * @throws UsageError when there is none of this name, or it has no data to forget
   */
  async start(name: string, withoutData = false): Promise<void> {
    checkData(name, withoutData);
    const { node } = findComponent(name);
    if (!readWritten().stopped?.includes(name)) return;
    await this.#order(node, { verb: 'start', name, withoutData });
  }

  /** Both; what cannot be started that way is not stopped either. */
  async restart(name: string, withoutData = false): Promise<void> {
    checkData(name, withoutData);
    await this.stop(name);
    await this.start(name, withoutData);
  }

  /**
   * Ends everything on a node and starts it again with what is on its disk: returns once its kubelet runs.
   *
   * @throws UsageError when it is not a node that can be rebooted
   */
  async reboot(name: string): Promise<void> {
    const node = findRebootable(name);
    const placed = listComponents(sandboxImage).filter((one) => one.node === node);
    const names = placed.map(({ component }) => component.name);
    writeState(noteStopped(readWritten(), names));
    await this.#order(node, { verb: 'reboot', node });
  }

  async #order(node: StackNode, order: ControlOrder): Promise<void> {
    const started = await runBootProgram(program, this.#findHolder(node), order, ignore);
    writeState(noteStarted(readWritten(), started));
  }
}

/** Whether all of it runs is for the host to say: the numbers of some processes mean nothing inside. */
function readWritten(): StackState {
  const state = readState();
  if (state === undefined) throw new Error('The stack is not up: npm run stack -- up');
  return state;
}

function findComponent(name: string): PlacedComponent {
  const all = listComponents(sandboxImage);
  const found = all.find(({ component }) => component.name === name);
  if (found !== undefined) return found;
  const names = all.map(({ component }) => component.name).join(', ');
  throw new UsageError(`There is no component "${name}"; there are ${names}`);
}

function checkData(name: string, withoutData: boolean): void {
  if (!withoutData || findComponent(name).component.dataFolder !== undefined) return;
  const keepers = listComponents(sandboxImage).filter(({ component }) => component.dataFolder);
  const names = keepers.map(({ component }) => component.name).join(', ');
  throw new UsageError(
    `${name} keeps nothing that it could start without; of ${names} it can be asked`,
  );
}

function findRebootable(name: string): StackNode {
  const others = nodes.filter((node) => node !== firstNode);
  const found = others.find((node) => node.name === name);
  if (found !== undefined) return found;
  const names = others.map((node) => node.name).join(', ');
  throw new UsageError(
    `"${name}" cannot be rebooted, only ${names}: the whole stack ends with ${firstNode.name}`,
  );
}
