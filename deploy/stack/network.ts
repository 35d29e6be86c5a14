// Which links, addresses and routes do the nodes' network namespaces have?
import { writeFileSync } from 'node:fs';
import { addresses } from './addresses.ts';
import { firstNode, nodes, type StackNode } from './nodes.ts';
import { run } from './shell.ts';

/** The first node's bridge, to which each other node is wired. */
export const bridge = 'nodebr';
/** How a node that joins calls its end of the wire; the other end has the node's name. */
const wire = 'eth0';

/** Makes a node's network in the caller's network namespace, which must be new or just wired. */
export async function startNetwork(node: StackNode): Promise<void> {
  await runIp(node.name === firstNode.name ? buildFirstNodeLinks() : buildJoiningNodeLinks(node));
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
}

/** Wires a node that joins to the first one, from the host; both are given by their first process. */
export async function wireNode(node: StackNode, pid: number, firstPid: number): Promise<void> {
  const enter = ['nsenter', '-t', String(firstPid), '-n', '--'];
  await runIp(buildWire(node, pid), enter);
}

function buildFirstNodeLinks(): string[] {
  const { node, s3Tls, s3Plain, dns } = addresses;
  return [
    'link set lo up',
    `link add ${bridge} type bridge`,
    ...[node, s3Tls, s3Plain, dns].map((address) => `addr add ${address}/24 dev ${bridge}`),
    `link set ${bridge} up`,
    buildDefaultRoute(node, bridge),
  ];
}

function buildWire(node: StackNode, pid: number): string[] {
  return [
    `link add ${node.name} type veth peer name ${wire} netns ${pid}`,
    `link set ${node.name} master ${bridge} up`,
    buildPodRoute(node),
  ];
}

function buildJoiningNodeLinks(node: StackNode): string[] {
  return [
    'link set lo up',
    `addr add ${node.address}/24 dev ${wire}`,
    `link set ${wire} up`,
    ...nodes.filter((other) => other.name !== node.name).map(buildPodRoute),
    buildDefaultRoute(node.address, wire),
  ];
}

/** Pods of another node are reached through it. */
function buildPodRoute(other: StackNode): string {
  return `route add ${other.podCidr} via ${other.address}`;
}

/** Service addresses need a route to be looked at by kube-proxy's rules at all. */
function buildDefaultRoute(source: string, device: string): string {
  return `route add default via ${addresses.nowhere} dev ${device} src ${source}`;
}

async function runIp(commands: readonly string[], enter: readonly string[] = []): Promise<void> {
  await run([...enter, 'ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
}
