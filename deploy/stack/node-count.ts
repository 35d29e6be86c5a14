// How many nodes does the caller of `up` ask for?
import { parseArgs } from 'node:util';
import { nodes } from './nodes.ts';

/** What the command line says cannot be done; the message is for whoever typed it. */
export class UsageError extends Error {}

/**
 * Reads the arguments of `up`; without `--nodes` it is one node.
 *
 * @throws UsageError that names the argument and what is allowed
 */
export function parseNodeCount(args: readonly string[]): number {
  const text = readOption(args);
  const count = nodes.findIndex((_, index) => String(index + 1) === text) + 1;
  if (count > 0) return count;
  throw new UsageError(`--nodes is "${text}"; it can be 1 or ${nodes.length}`);
}

function readOption(args: readonly string[]): string {
  try {
    const options = { nodes: { type: 'string', default: '1' } } as const;
    return parseArgs({ args: [...args], options }).values.nodes;
  } catch (error) {
    throw new UsageError(`up takes --nodes 1 or --nodes ${nodes.length} and nothing else`, {
      cause: error,
    });
  }
}
