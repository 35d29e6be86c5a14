// Which pods are there: of a namespace, with a UID, for a sharing key, as a node's agent?
import {
  COMPONENT_LABEL,
  COMPONENTS,
  MOUNT_NAMESPACE,
  MOUNT_POD_LABELS,
  SYSTEM_NAMESPACE,
} from '../api/names.ts';
import type { PodView } from './cluster-view.ts';
import { NamespacedIndex } from './namespaced-index.ts';
import { isStaying } from './pod-state.ts';

/** All pods, each found in constant time by what the project asks for. */
export class PodIndex {
  readonly #pods = new NamespacedIndex<PodView>();
  readonly #byUid = new Map<string, PodView>();
  readonly #mountPods = new NamespacedIndex<PodView>();
  readonly #agents = new NamespacedIndex<PodView>();

  replace(before: PodView | undefined, after: PodView | undefined): void {
    if (before !== undefined) this.#take(before);
    if (after !== undefined) this.#add(after);
  }

  in(namespace: string): PodView[] {
    return this.#pods.in(namespace);
  }

  all(): PodView[] {
    return this.#pods.all();
  }

  byUid(uid: string): PodView | undefined {
    return this.#byUid.get(uid);
  }

  mountPods(sharingKey: string): PodView[] {
    return this.#mountPods.in(sharingKey);
  }

  /**
   * While an update replaces the agent there can be two on a node; the one that stays is dialled. One that is not ready
   * is dialled when there is none better: it counts as such, too, when only the kubelet does not report.
   */
  agentAddress(nodeName: string): string | undefined {
    const staying = this.#agents.in(nodeName).filter(isStaying);
    return (staying.find((pod) => pod.ready) ?? staying[0])?.podIp;
  }

  /** Nodes with an agent that can be dialled, sorted. */
  agentNodes(): string[] {
    const nodes = new Set(this.#agents.all().flatMap((pod) => pod.nodeName ?? []));
    return [...nodes].filter((node) => this.agentAddress(node) !== undefined).sort();
  }

  #add(pod: PodView): void {
    this.#pods.set(pod.namespace, pod.name, pod);
    this.#byUid.set(pod.uid, pod);
    const sharingKey = getSharingKey(pod);
    if (sharingKey !== undefined) this.#mountPods.set(sharingKey, pod.name, pod);
    const agentNode = getAgentNode(pod);
    if (agentNode !== undefined) this.#agents.set(agentNode, pod.name, pod);
  }

  #take(pod: PodView): void {
    this.#pods.delete(pod.namespace, pod.name);
    this.#byUid.delete(pod.uid);
    const sharingKey = getSharingKey(pod);
    if (sharingKey !== undefined) this.#mountPods.delete(sharingKey, pod.name);
    const agentNode = getAgentNode(pod);
    if (agentNode !== undefined) this.#agents.delete(agentNode, pod.name);
  }
}

/** Labels are believed in our own namespaces only: anyone may put them on a pod of theirs. */
function getSharingKey(pod: PodView): string | undefined {
  return pod.namespace === MOUNT_NAMESPACE ? pod.labels[MOUNT_POD_LABELS.sharingKey] : undefined;
}

function getAgentNode(pod: PodView): string | undefined {
  const isAgent =
    pod.namespace === SYSTEM_NAMESPACE && pod.labels[COMPONENT_LABEL] === COMPONENTS.agent;
  return isAgent ? pod.nodeName : undefined;
}
