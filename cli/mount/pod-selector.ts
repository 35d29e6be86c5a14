// Which labels select exactly this pod, now and later? (pure)
import { POD_LABEL } from '../../api/names.ts';
import { matchesSelector } from '../../api/selector.ts';
import type { WorkloadPod } from './workload-pod.ts';

export interface PodChoice {
  matchLabels: Record<string, string>;
  /** The pod has the labels already; else they have to be put on it. */
  isThere: boolean;
}

/** Labels that Kubernetes gives to one pod of its owner alone, and to the one that replaces it. */
const IDENTITIES: readonly (readonly string[])[] = [
  ['statefulset.kubernetes.io/pod-name'],
  ['batch.kubernetes.io/job-name', 'batch.kubernetes.io/job-completion-index'],
];

/**
 * Chooses labels that only this pod has among the pods of its namespace: those by which Kubernetes tells it from its
 * siblings, then those of a pod that no controller has made. The labels of a template are no choice, even while there
 * is one pod of it: the next one has them too. Where nothing is left a label of ours is, with the pod's UID.
 *
 * @param pods of the pod's namespace; the pod itself may be one of them
 */
export function choosePodLabels(pod: WorkloadPod, pods: readonly WorkloadPod[]): PodChoice {
  const own = pod.metadata.labels ?? {};
  const others = pods.filter(({ metadata }) => metadata.uid !== pod.metadata.uid);
  const isOnly = (matchLabels: Record<string, string>): boolean =>
    !others.some(({ metadata }) => matchesSelector({ matchLabels }, metadata.labels ?? {}));
  const mark = { [POD_LABEL]: pod.metadata.uid };
  const candidates = [
    ...(own[POD_LABEL] === pod.metadata.uid ? [mark] : []),
    ...listIdentities(own),
    ...(isMadeByController(pod) ? [] : listOwn(own)),
  ];
  const found = candidates.find(isOnly);
  return found === undefined
    ? { matchLabels: mark, isThere: false }
    : { matchLabels: found, isThere: true };
}

function listIdentities(own: Record<string, string>): Record<string, string>[] {
  return IDENTITIES.filter((keys) => keys.every((key) => own[key] !== undefined)).map((keys) =>
    Object.fromEntries(keys.map((key) => [key, own[key] ?? ''])),
  );
}

/** One label alone, then all of them; our own mark, which may be copied from another pod, aside. */
function listOwn(own: Record<string, string>): Record<string, string>[] {
  const entries = Object.entries(own)
    .filter(([key]) => key !== POD_LABEL)
    .sort(([a], [b]) => a.localeCompare(b));
  if (entries.length === 0) return [];
  return [...entries.map(([key, value]) => ({ [key]: value })), Object.fromEntries(entries)];
}

function isMadeByController({ metadata }: WorkloadPod): boolean {
  return metadata.ownerReferences?.some(({ controller }) => controller === true) ?? false;
}
