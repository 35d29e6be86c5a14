// Which nodes can the stack have, and where does each keep what is its own?
import { addresses } from './addresses.ts';
import { stackPaths } from './stack-paths.ts';

/** A node: own mount, network and UTS namespaces in the PID namespace that all of them share. */
export type StackNode = {
  name: string;
  /** Address on the network of the nodes, where the kubelet listens. */
  address: string;
  /** Addresses of its pods, within `addresses.podCidr`. */
  podCidr: string;
};

/** The node that is always there; every process that is neither a pod nor of a node runs in it too. */
export const firstNode: StackNode = {
  name: 'node1',
  address: addresses.node,
  podCidr: '10.89.1.0/24',
};

/** In the order in which they come up. */
export const nodes: readonly StackNode[] = [
  firstNode,
  { name: 'node2', address: '10.88.0.2', podCidr: '10.89.2.0/24' },
];

/** Path of something that belongs to one node, the same on the host and in every node. */
export function nodePath(node: StackNode, name: string): string {
  return `${stackPaths.state}/${node.name}/${name}`;
}
