// Which components make the stack, and is a running one the same as the wanted one?
import { createHash } from 'node:crypto';
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

/** Components in two groups: those that need nobody, and those that need the API server. */
export function buildComponents(sandboxImage: string): { first: Component[]; second: Component[] } {
  return {
    first: [
      buildEtcd(),
      buildKubeApiserver(),
      buildContainerd(sandboxImage),
      buildTemporal(),
      ...buildS3(),
    ],
    second: [
      buildKubelet(),
      buildKubeControllerManager(),
      buildKubeScheduler(),
      buildKubeProxy(),
      buildCoredns(),
    ],
  };
}

/** Names the whole definition: a running stack with another fingerprint is replaced by `up`. */
export function buildFingerprint(sandboxImage: string): string {
  const definition = JSON.stringify([versions, buildComponents(sandboxImage)]);
  return createHash('sha256').update(definition).digest('hex');
}
