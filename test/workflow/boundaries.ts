// Between which steps of a worker can something happen?
import type { PayloadCodec } from '@temporalio/common';
import type { NodeAgents } from '../../activities/node-agents.ts';

/** Told of each boundary before the worker goes on; what it does not resolve stays there. */
export type Reach = (boundary: string) => Promise<void>;

/** The same functions, each with a boundary before and after it. */
export function withBoundaries<T extends object>(what: string, functions: T, reach: Reach): T {
  const wrapped = Object.entries(functions).map(([name, run]) => [
    name,
    wrap(`${what} ${name}`, run as (...args: unknown[]) => Promise<unknown>, reach),
  ]);
  return Object.fromEntries(wrapped) as T;
}

export function withAgentBoundaries(agents: NodeAgents, reach: Reach): NodeAgents {
  return {
    attach: wrap('agent attach', agents.attach.bind(agents), reach),
    detach: wrap('agent detach', agents.detach.bind(agents), reach),
    list: wrap('agent list', agents.list.bind(agents), reach),
    readStatistics: wrap('agent readStatistics', agents.readStatistics.bind(agents), reach),
    watch: (node, options) => agents.watch(node, options),
    close: () => agents.close(),
  };
}

/** Boundaries where a task's data come from Temporal, and before its outcome is sent there. */
export function createBoundaryCodec(reach: Reach): PayloadCodec {
  return {
    async encode(payloads) {
      await reach('before task outcome');
      return payloads;
    },
    async decode(payloads) {
      await reach('after task start');
      return payloads;
    },
  };
}

function wrap<A extends unknown[], R>(
  name: string,
  run: (...args: A) => Promise<R>,
  reach: Reach,
): (...args: A) => Promise<R> {
  return async (...args) => {
    await reach(`before ${name}`);
    try {
      return await run(...args);
    } finally {
      await reach(`after ${name}`);
    }
  };
}
