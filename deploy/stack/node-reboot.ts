// What does a reboot take from a node? Runs inside, on that node.
import { readFileSync, readlinkSync } from 'node:fs';
import { removeGroupsOfPods } from './control-groups.ts';
import { buildFreshMounts } from './namespaces.ts';
import type { StackNode } from './nodes.ts';
import { findHolder } from './node-holder.ts';
import { killProcess, observePids } from './processes.ts';
import { run } from './shell.ts';
import { stackPaths } from './stack-paths.ts';
import { waitUntil } from './wait-until.ts';

const timeoutMs = 30_000;

/** Ends every process of the node, those in its pods too, but for the one that keeps its namespaces and ourselves. */
export async function endNode(node: StackNode): Promise<void> {
  // Whoever entered the node for us waits there until we have ended.
  const kept = new Set([findHolder(node), process.pid, process.ppid]);
  await waitUntil(
    `every process of ${node.name} has ended`,
    () => {
      const left = observeNodePids(node).filter((pid) => !kept.has(pid));
      left.forEach(killProcess);
      return left.length === 0;
    },
    timeoutMs,
  );
}

/** Gives the node the mounts, empty volatile folders and control groups that it has after a boot; its disk stays as it is. */
export async function renewNode(node: StackNode): Promise<void> {
  await waitUntil(`the pods of ${node.name} have no control group`, hasNoGroups(node), timeoutMs);
  await run(['sh', '-c', buildFreshMounts(node).join('\n')]);
  // kube-proxy's rules live in the kernel.
  await run(['nft', 'flush', 'ruleset']);
}

/** The kernel takes a moment to let go of a group whose last process has ended. */
function hasNoGroups(node: StackNode): () => boolean {
  return () => {
    removeGroupsOfPods(node);
    return true;
  };
}

/** By mount namespace, or by control group: containers have mount namespaces of their own. */
function observeNodePids(node: StackNode): number[] {
  const namespace = readMountNamespace('self');
  const group = `/${stackPaths.controlGroup}/${node.name}/`;
  return observePids().filter(
    (pid) => readMountNamespace(pid) === namespace || readGroups(pid).includes(group),
  );
}

function readMountNamespace(pid: number | 'self'): string | undefined {
  return ask(() => readlinkSync(`/proc/${pid}/ns/mnt`));
}

function readGroups(pid: number): string {
  return ask(() => readFileSync(`/proc/${pid}/cgroup`, 'utf8')) ?? '';
}

/** Undefined when the process has ended while we looked. */
function ask(question: () => string): string | undefined {
  try {
    return question();
  } catch {
    return undefined;
  }
}
