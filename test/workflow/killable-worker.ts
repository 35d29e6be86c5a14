// How is a worker stopped at a chosen point of its way, and killed or frozen there?
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Lab, Scene } from './lab.ts';
import { encodeError, pickCached } from './remote-scene.ts';
import type { Answer, Ask, Start } from './remote-scene.ts';

const MAIN = path.join(import.meta.dirname, 'killable-worker-main.ts');

/** A scene whose worker is held at a boundary. */
export interface Stage {
  scene: Scene;
  /** The boundary at which it is held: its name, or the how manieth it is. */
  at: number | string;
}

interface Held {
  stage: Stage;
  /** Boundaries so far, in order. */
  passed: string[];
  /** Name of the boundary at which it is held. */
  at?: string;
  answer?: () => void;
}

/** One process with a worker for each of several scenes. */
export class KillableWorker {
  readonly #child: ChildProcess;
  readonly #held: Held[];
  #isKilled = false;

  private constructor(child: ChildProcess, stages: Stage[]) {
    this.#child = child;
    this.#held = stages.map((stage) => ({ stage, passed: [] }));
  }

  static async start(lab: Lab, stages: Stage[]): Promise<KillableWorker> {
    const child = fork(MAIN, { serialization: 'advanced', execArgv: [] });
    const worker = new KillableWorker(child, stages);
    const { address } = lab.environment;
    const taskQueues = stages.map(({ scene }) => scene.taskQueue);
    child.send({ address, code: lab.code, taskQueues } satisfies Start);
    await Promise.race([once(child, 'message'), failAtExit(child)]);
    child.on('message', (ask) => void worker.#take(ask as Ask));
    return worker;
  }

  /** Boundaries of a scene so far, in order. */
  passed(scene: Scene): string[] {
    return this.#find(scene).passed;
  }

  /** Where a scene is held, if it is. */
  heldAt(scene: Scene): string | undefined {
    return this.#find(scene).at;
  }

  /** Ends the process as a lost node does: nothing that it does not know yet ever reaches it. */
  async kill(): Promise<void> {
    this.#isKilled = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  /** Stops the process without ending it. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  /** Lets a frozen process run on, past the boundary at which it was held. */
  thaw(scene: Scene): void {
    this.#child.kill('SIGCONT');
    const held = this.#find(scene);
    delete held.at;
    held.answer?.();
  }

  async #take(ask: Ask): Promise<void> {
    const held = this.#held[ask.scene];
    if (held === undefined || this.#isKilled || held.at !== undefined) return;
    const { scene, at } = held.stage;
    if (ask.target === 'boundary') {
      held.passed.push(ask.method);
      const isIt = at === held.passed.length || at === ask.method;
      if (isIt && held.answer === undefined) {
        held.at = ask.method;
        held.answer = () => this.#answer(ask, scene, { id: ask.id });
        return;
      }
    }
    const outcome = await carryOut(scene, ask);
    if (!this.#isKilled) this.#answer(ask, scene, { id: ask.id, ...outcome });
  }

  #answer({ scene: index }: Ask, scene: Scene, answer: Omit<Answer, 'objects'>): void {
    const objects = pickCached(scene.cluster);
    this.#child.send({ scene: index, answer: { ...answer, objects } });
  }

  #find(scene: Scene): Held {
    const found = this.#held.find((one) => one.stage.scene === scene);
    if (!found) throw new Error('The scene is not of this worker');
    return found;
  }
}

async function failAtExit(child: ChildProcess): Promise<never> {
  await once(child, 'exit');
  throw new Error('The worker ended');
}

async function carryOut(
  { cluster, agents }: Scene,
  { target, method, args }: Ask,
): Promise<Pick<Answer, 'value' | 'error'>> {
  if (target === 'boundary') return {};
  const fake = (target === 'agents' ? agents : cluster.kubernetes) as unknown as Fake;
  const options = { signal: new AbortController().signal };
  try {
    const value = await fake[method]?.(...args, ...(target === 'agents' ? [options] : []));
    return { value };
  } catch (error) {
    return { error: encodeError(error) };
  }
}

type Fake = Record<string, (...args: unknown[]) => Promise<unknown>>;
