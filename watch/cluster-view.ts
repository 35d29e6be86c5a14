// What do the caches know of the cluster? (read by the bridge and by the activities)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';

/** A pod, projected to the fields that are used. */
export interface PodView {
  uid: string;
  namespace: string;
  name: string;
  resourceVersion: string;
  labels: Record<string, string>;
  nodeName?: string;
  podIp?: string;
  phase: string;
  /** Has a deletionTimestamp. */
  terminating: boolean;
  /** Condition PodReadyToStartContainers is True: sandbox and volumes are set up. */
  sandboxReady: boolean;
  /** All containers ready (condition Ready). */
  ready: boolean;
  /** Present when the pod carries our CSI volume, i.e. was injected. */
  volumeRoot?: { className: string; dispatchPolicy: string };
  /** Of a mount pod: the namespace whose pods it serves. */
  servesNamespace?: string;
  /** Of a mount pod that is for one pod: the name of that. */
  servesPod?: string;
  /** Of a mount pod: the image that it was made with. */
  image?: string;
  /** Of a mount pod: a person lets it be evicted although it is in use. */
  mayBeEvicted?: true;
  /** Why it does not run: unschedulable, the waiting reason of a container (ImagePullBackOff …), or why it failed (Evicted …). */
  startProblem?: { reason: string; message: string };
}

/** The caches of one process. Reads never block; `synced` tells when they first were complete. */
export interface ClusterView {
  synced: Promise<void>;
  claim(namespace: string, name: string): DynamicVolumeClaim | undefined;
  claims(): DynamicVolumeClaim[];
  claimsIn(namespace: string): DynamicVolumeClaim[];
  storageProviderClass(name: string): StorageProviderClass | undefined;
  storageProviderClasses(): StorageProviderClass[];
  /** `metadata.resourceVersion` of a Secret that a class names; undefined when it is not known (yet) or gone. */
  secretVersion(namespace: string, name: string): string | undefined;
  /** Every pod of a namespace, ours and completed ones included. */
  podsIn(namespace: string): PodView[];
  /** Every pod of the cluster. */
  pods(): PodView[];
  podByUid(uid: string): PodView | undefined;
  /** Mount pods (namespace dynvol-mounts) with this sharing key, terminating ones included. */
  mountPods(sharingKey: string): PodView[];
  /** Address (IP) of the node agent on a node. */
  agentAddress(nodeName: string): string | undefined;
  /** Nodes that have a node agent with an address, sorted. */
  agentNodes(): string[];
}
