// Does anything wait for storage that should not?
import { hasVolumeRoot } from '../model.ts';
import { nameOf } from '../objects.ts';
import type { Rule } from '../rule.ts';

const MINUTE_MS = 60_000;
/** A disk lets a thread wait for a moment; storage that hangs does for good. */
const DISK_MS = 20_000;

export const BLOCKED_RULES: Rule[] = [
  {
    id: 'I10',
    sentence: 'No thread of an agent or a kubelet hangs in the kernel.',
    graceMs: DISK_MS,
    judge: ({ processes }) =>
      processes.flatMap(({ role, node, pid, blocked }) => {
        const threads = blocked.map((thread) => ({
          object: `${role} of ${node}, thread ${thread}`,
          marks: [],
          broken: 'It is in uninterruptible sleep',
        }));
        return [{ object: `${role} of ${node} (${pid})`, marks: [] }, ...threads];
      }),
  },
  {
    id: 'I10',
    sentence: 'A pod with a volume root that is deleted goes.',
    graceMs: MINUTE_MS,
    judge: ({ pods, atMs }) =>
      pods
        .filter((pod) => hasVolumeRoot(pod) && !pod.metadata.finalizers?.length)
        .map((pod) => {
          const { deletionTimestamp, namespace } = pod.metadata;
          const isDue = deletionTimestamp !== undefined && Date.parse(deletionTimestamp) < atMs;
          return {
            object: nameOf('pod', pod),
            node: pod.spec.nodeName,
            marks: [namespace],
            broken: isDue ? `It should have ended at ${deletionTimestamp}` : undefined,
          };
        }),
  },
];
