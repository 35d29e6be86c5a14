// Is what is held at the end what was held at the beginning? (I16; pure)
import { isMountPod } from './model.ts';
import { isStorage } from './mount-table.ts';
import { XVOLS_DIR } from './names.ts';
import type { Snapshot } from './snapshot.ts';

export type Holdings = Record<string, number>;

/** Connections that are kept open for a while come and go. */
const DESCRIPTOR_SLACK = 16;
const DESCRIPTORS = 'descriptors of ';

/** Everything of which nothing may be left when no claim is. */
export function countHoldings(snapshot: Snapshot): Holdings {
  const { nodeViews, processes, pods, classes, workflows } = snapshot;
  return {
    ...collect(nodeViews, ({ name, rows, folders, files }) => ({
      [`storage mounts on ${name}`]: rows.filter(isStorage).length,
      [`mounts below ${XVOLS_DIR} on ${name}`]: rows.filter(({ mountpoint }) =>
        mountpoint.startsWith(`${XVOLS_DIR}/`),
      ).length,
      [`folders of volumes on ${name}`]: folders.length,
      [`files of volumes on ${name}`]: files.length,
    })),
    ...collect(
      processes.filter(({ role }) => role !== 'kubelet'),
      ({ role, node, descriptors, children }) => ({
        [`${DESCRIPTORS}${role} on ${node}`]: descriptors,
        [`children of ${role} on ${node}`]: children,
      }),
    ),
    'mount pods': pods.filter(isMountPod).length,
    'workflows of claims': workflows.length,
    'classes that are deleted and stay': classes.filter(
      ({ metadata }) => metadata.deletionTimestamp !== undefined,
    ).length,
  };
}

/** One sentence for each thing that there is more of; a process that was not there before is not compared. */
export function findLeaks(before: Holdings, after: Holdings): string[] {
  return Object.entries(after).flatMap(([what, count]) => {
    const former = before[what];
    const slack = what.startsWith(DESCRIPTORS) ? DESCRIPTOR_SLACK : 0;
    if (former === undefined || count <= former + slack) return [];
    return [`${count} ${what}, ${former} at the beginning`];
  });
}

function collect<T>(items: readonly T[], build: (item: T) => Holdings): Holdings {
  const sum: Holdings = {};
  for (const [what, count] of items.flatMap((item) => Object.entries(build(item)))) {
    sum[what] = (sum[what] ?? 0) + count;
  }
  return sum;
}
