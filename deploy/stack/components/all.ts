// Which components make the stack, and is a running one the same as the wanted one?
import { createHash } from 'node:crypto';
import { firstNode, nodes, type StackNode } from '../nodes.ts';
import { versions } from '../versions.ts';
import type { Component } from './component.ts';
import { buildContainerd } from './containerd.ts';
import { buildCoredns } from './coredns.ts';
import { buildEtcd } from './etcd.ts';
import { buildKubeApiserver } from './kube-apiserver.ts';
import { buildKubeControllerManager } from './kube-controller-manager.ts';
import { buildKubeProxy } from './kube-proxy.ts';
import { buildKubeScheduler } from './kube-scheduler.ts';
import { buildKubelet } from './kubelet.ts';
import { buildS3 } from './s3.ts';
import { buildTemporal } from './temporal.ts';

/** Two groups: those that need nobody, and those that need the API server. */
export type ComponentGroups = { first: Component[]; second: Component[] };

/** What the cluster has once. */
export function buildControlPlane(): ComponentGroups {
  return {
    first: [buildEtcd(), buildKubeApiserver(), buildTemporal(), ...buildS3()],
    second: [buildKubeControllerManager(), buildKubeScheduler(), buildCoredns()],
  };
}

/** What each node has. */
export function buildNodeComponents(node: StackNode, sandboxImage: string): ComponentGroups {
  return {
    first: [buildContainerd(node, sandboxImage)],
    second: [buildKubelet(node), buildKubeProxy(node)],
  };
}

/** A component, and the node that it runs on. */
export type PlacedComponent = { component: Component; node: StackNode };

/** Everything that a stack with all its nodes has. */
export function listComponents(sandboxImage: string): PlacedComponent[] {
  const ofNodes = nodes.flatMap((node) => place(node, buildNodeComponents(node, sandboxImage)));
  return [...place(firstNode, buildControlPlane()), ...ofNodes];
}

function place(node: StackNode, { first, second }: ComponentGroups): PlacedComponent[] {
  return [...first, ...second].map((component) => ({ component, node }));
}

/** Names the whole definition, that of nodes which are not there included: a running stack with another fingerprint is replaced by `up`. */
export function buildFingerprint(sandboxImage: string): string {
  const ofNodes = nodes.map((node) => buildNodeComponents(node, sandboxImage));
  const definition = JSON.stringify([versions, buildControlPlane(), ofNodes]);
  return createHash('sha256').update(definition).digest('hex');
}
