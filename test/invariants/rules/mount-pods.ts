// Is every mount pod there for somebody?
import { isMountPod, listStorage } from '../model.ts';
import { readSharingKey } from '../mount-table.ts';
import { SHARING_KEY_LABEL, WORKLOAD_POD_ANNOTATION } from '../names.ts';
import { nameOf, type Pod } from '../objects.ts';
import type { Rule } from '../rule.ts';
import type { Snapshot } from '../snapshot.ts';

/** The audit takes away, after two looks a minute apart, what no workflow knows of. */
const AUDIT_MS = 150_000;

export const MOUNT_POD_RULES: Rule[] = [
  {
    id: 'I16',
    sentence: 'A mount pod that was taken serves storage, or somebody still wants it.',
    graceMs: AUDIT_MS,
    judge: (snapshot) =>
      snapshot.pods
        .filter((pod) => isMountPod(pod) && pod.metadata.labels?.[SHARING_KEY_LABEL] !== undefined)
        .map((pod) => ({
          object: nameOf('mount pod', pod),
          node: pod.spec.nodeName,
          marks: readUser(pod),
          broken: isWanted(pod, snapshot) ? undefined : 'It serves nobody, and nobody wants it',
        })),
  },
  {
    id: 'I3',
    sentence: 'There is one mount pod for a sharing key.',
    graceMs: 60_000,
    judge: ({ pods }) => {
      const taken = pods.filter(
        (pod) =>
          isMountPod(pod) &&
          pod.metadata.deletionTimestamp === undefined &&
          pod.metadata.labels?.[SHARING_KEY_LABEL] !== undefined,
      );
      const bySharingKey = Map.groupBy(taken, (pod) => pod.metadata.labels?.[SHARING_KEY_LABEL]);
      return [...bySharingKey].map(([sharingKey, found]) => ({
        object: `mount pods of ${sharingKey}`,
        marks: found.flatMap(readUser),
        broken:
          found.length > 1
            ? `There are ${found.length}: ${found.map(({ metadata }) => metadata.name).join(', ')}`
            : undefined,
      }));
    },
  },
];

/** Namespace, and name if it is for one, of the workload pods that it is for. */
function readUser(pod: Pod): string[] {
  return (pod.metadata.annotations?.[WORKLOAD_POD_ANNOTATION] ?? '').split('/');
}

function isWanted(pod: Pod, { nodeViews, claims, pods }: Snapshot): boolean {
  const sharingKey = pod.metadata.labels?.[SHARING_KEY_LABEL];
  if (listStorage(nodeViews).some(({ row }) => readSharingKey(row) === sharingKey)) return true;
  const [namespace, name] = readUser(pod);
  const hasUser =
    name === undefined ||
    pods.some(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  return hasUser && claims.some(({ metadata }) => metadata.namespace === namespace);
}
