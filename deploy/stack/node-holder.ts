// Which process keeps the namespaces of a node? (for whoever shares the PID namespace of the stack)
import { readFileSync } from 'node:fs';
import type { StackNode } from './nodes.ts';
import { observePids } from './processes.ts';

/** The last argument of a holder: it tells one from another in a list of processes. */
export function buildHolderArgument(node: Pick<StackNode, 'name'>): string {
  return `dynvol-stack-${node.name}`;
}

/**
 * Finds the first process of a node's namespaces.
 *
 * @throws Error when there is none: the stack has fewer nodes
 */
export function findHolder(node: Pick<StackNode, 'name'>): number {
  const wanted = buildHolderArgument(node);
  const found = observePids().find((pid) => readArguments(pid).at(-1) === wanted);
  if (found !== undefined) return found;
  throw new Error(`The stack has no ${node.name}: npm run stack -- up --nodes 2`);
}

function readArguments(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return []; // ended while we looked
  }
}
