// Which programs and which stack do the tiers run against?
import { installProduct } from '../../deploy/install/install.ts';
import {
  enterArgv,
  ensureStackUp,
  stackDown,
  stackEnv,
  stackPaths,
} from '../../deploy/stack/client.ts';
import type { VitestRun } from './vitest.ts';

const log = (line: string) => console.log(line);

/** The one stack of a test run: booted when a tier first needs it, taken down only if it was started here. */
export class TestStack implements AsyncDisposable {
  #startedHere = false;

  /** Where the workflow and node tiers find the real servers. */
  async programs(): Promise<Pick<VitestRun, 'environment'>> {
    await this.#ensureUp(1);
    const environment = {
      DYNVOL_BIN_DIR: stackPaths.bin,
      TEMPORAL_CLI: `${stackPaths.bin}/temporal`,
    };
    return { environment };
  }

  /** The stack with two nodes and the product on them; the cluster tier runs inside. */
  async product(): Promise<Pick<VitestRun, 'environment' | 'enter'>> {
    await this.#ensureUp(2);
    await installProduct(log);
    return { environment: stackEnv(), enter: enterArgv };
  }

  async #ensureUp(nodeCount: number): Promise<void> {
    const { started } = await ensureStackUp(log, nodeCount);
    this.#startedHere ||= started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#startedHere) return;
    const leftovers = await stackDown(log);
    if (leftovers.length > 0) throw new Error(`The stack left behind: ${leftovers.join(', ')}`);
  }
}
