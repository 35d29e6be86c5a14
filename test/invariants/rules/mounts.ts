// Is everything that is mounted, mounted for somebody, in the right place, once and alive?
import {
  hasVolumeRoot,
  isMountPod,
  listMatching,
  listPlaced,
  listStorage,
  readMountpoint,
  selects,
  type PlacedMount,
} from '../model.ts';
import { isAllowedOnNode, isStorage, readSharingKey } from '../mount-table.ts';
import { SHARING_KEY_LABEL, WORKLOAD_POD_ANNOTATION, WORKLOAD_POD_UID_LABEL } from '../names.ts';
import { nameOf, type Claim, type Pod } from '../objects.ts';
import type { Rule, Verdict } from '../rule.ts';
import type { ContainerView, Snapshot } from '../snapshot.ts';

const MINUTE_MS = 60_000;
/** Two layers are there while a successor lies beneath its predecessor. */
const SWAP_MS = 15_000;
/** A minute until a hung mount is given up, and the grace for what replaces it. */
const HUNG_MS = 150_000;

export const MOUNT_RULES: Rule[] = [
  {
    id: 'I1',
    sentence: 'No volume root outlives its pod.',
    graceMs: MINUTE_MS,
    judge: ({ nodeViews, pods }) => {
      const uids = new Set(pods.map(({ metadata }) => metadata.uid));
      return listPlaced(nodeViews).map((mount) => ({
        ...describeMount(mount, pods),
        broken: uids.has(mount.place.podUid) ? undefined : 'Its pod does not exist',
      }));
    },
  },
  {
    id: 'I1',
    sentence: 'Storage in a pod belongs to a claim that exists.',
    graceMs: MINUTE_MS,
    judge: ({ nodeViews, pods, claims }) =>
      listStorage(nodeViews).map((mount) => ({
        ...describeMount(mount, pods),
        broken: findOwner(mount, claims, pods) ? undefined : 'No claim accounts for it',
      })),
  },
  {
    id: 'I3',
    sentence: 'Storage is mounted once at a place, never stacked.',
    graceMs: SWAP_MS,
    judge: judgeLayers,
  },
  {
    id: 'I3',
    sentence: 'Mounted storage is not dead.',
    graceMs: MINUTE_MS,
    judge: (snapshot) =>
      judgeAnswers(snapshot, (answer) =>
        ['ok', 'gone', 'silent'].includes(answer) ? undefined : `It is dead: ${answer}`,
      ),
  },
  {
    id: 'I3',
    sentence: 'Hung storage is given up and mounted anew.',
    graceMs: HUNG_MS,
    judge: (snapshot) =>
      judgeAnswers(snapshot, (answer) => (answer === 'silent' ? 'It does not answer' : undefined)),
  },
  {
    id: 'I8',
    sentence: 'A pod sees storage of its own namespace only.',
    graceMs: 0,
    judge: judgeNamespaces,
  },
  {
    id: 'I9',
    sentence:
      'Storage is mounted below the volume root of a pod, or parked, and nowhere else on a node.',
    graceMs: 0,
    judge: ({ nodeViews }) =>
      nodeViews.flatMap(({ name, rows }) =>
        rows.filter(isStorage).map(({ mountpoint }) => ({
          object: `mount ${mountpoint} on ${name}`,
          marks: mountpoint.split('/'),
          broken: isAllowedOnNode(mountpoint) ? undefined : 'No storage may be mounted there',
        })),
      ),
  },
  {
    id: 'I9',
    sentence: 'A container sees storage below its volume root and nowhere else.',
    graceMs: 0,
    judge: ({ containers, pods }) =>
      containers.flatMap((container) =>
        container.rows.filter(isStorage).map(({ mountpoint }) => ({
          ...describeSeen(container, mountpoint, pods),
          broken: mountpoint.startsWith(`${container.rootPath}/`)
            ? undefined
            : `It lies outside the volume root ${container.rootPath}`,
        })),
      ),
  },
  {
    id: 'I18',
    sentence:
      'What a read-only claim shows cannot be written to, on the node and in the container.',
    graceMs: SWAP_MS,
    judge: judgeReadOnly,
  },
  {
    id: 'I7',
    sentence: 'The volume root is read-only in every container.',
    graceMs: SWAP_MS,
    judge: ({ containers, pods }) =>
      containers.flatMap((container) =>
        container.rows
          .filter(({ mountpoint }) => mountpoint === container.rootPath)
          .map(({ mountpoint, options }) => ({
            ...describeSeen(container, mountpoint, pods),
            broken: options.includes('ro') ? undefined : 'The volume root is writable',
          })),
      ),
  },
];

function describeMount({ node, row, place }: PlacedMount, pods: readonly Pod[]) {
  const pod = pods.find(({ metadata }) => metadata.uid === place.podUid);
  return {
    object: `mount ${row.mountpoint} on ${node}${pod ? ` (${nameOf('pod', pod)})` : ''}`,
    node,
    marks: [pod?.metadata.namespace, place.className],
  };
}

function describeSeen(container: ContainerView, mountpoint: string, pods: readonly Pod[]) {
  const pod = pods.find(({ metadata }) => metadata.uid === container.podUid);
  return {
    object: `${mountpoint} in container ${container.name} of ${pod ? nameOf('pod', pod) : container.podUid}`,
    node: pod?.spec.nodeName,
    marks: [pod?.metadata.namespace],
  };
}

/**
 * A claim accounts for a mount at its mountpoint in pods that it selects or that its status names, and in any pod
 * while it is being deleted.
 */
function findOwner(
  { place }: PlacedMount,
  claims: readonly Claim[],
  pods: readonly Pod[],
): Claim | undefined {
  const pod = pods.find(({ metadata }) => metadata.uid === place.podUid);
  return claims.find(
    (claim) =>
      claim.metadata.namespace === pod?.metadata.namespace &&
      readMountpoint(claim) === place.mountpoint &&
      (claim.metadata.deletionTimestamp !== undefined ||
        selects(claim.spec.selector, pod?.metadata.labels) ||
        (claim.status?.pods ?? []).some(({ uid }) => uid === place.podUid)),
  );
}

function judgeLayers({ nodeViews, containers, pods }: Snapshot): Verdict[] {
  const stacked = (layers: number) =>
    layers > 1 ? `${layers} mounts lie on each other` : undefined;
  const onNodes = [
    ...Map.groupBy(listStorage(nodeViews), ({ node, row }) => `${node} ${row.mountpoint}`).values(),
  ].map((layers) => ({
    ...describeMount(layers[0] as PlacedMount, pods),
    broken: stacked(layers.length),
  }));
  const inContainers = containers.flatMap((container) =>
    [...Map.groupBy(container.rows.filter(isStorage), ({ mountpoint }) => mountpoint)].map(
      ([mountpoint, layers]) => ({
        ...describeSeen(container, mountpoint, pods),
        broken: stacked(layers.length),
      }),
    ),
  );
  return [...onNodes, ...inContainers];
}

/** A fresh source at the same place is another thing: the device is in the name. */
function judgeAnswers(
  { containers, pods }: Snapshot,
  say: (answer: string) => string | undefined,
): Verdict[] {
  return containers.flatMap((container) =>
    Object.entries(container.answers).map(([mountpoint, answer]) => {
      const device = container.rows.find((row) => row.mountpoint === mountpoint)?.device ?? '';
      const described = describeSeen(container, mountpoint, pods);
      return { ...described, object: `${described.object}, device ${device}`, broken: say(answer) };
    }),
  );
}

/** Whose the storage is tells the mount pod that serves it. */
function judgeNamespaces({ nodeViews, pods }: Snapshot): Verdict[] {
  const byUid = new Map(pods.map((pod) => [pod.metadata.uid, pod]));
  const owners = new Map(
    pods.filter(isMountPod).map(({ metadata }) => [
      metadata.labels?.[SHARING_KEY_LABEL] ?? '',
      {
        namespace: metadata.annotations?.[WORKLOAD_POD_ANNOTATION]?.split('/')[0],
        podUid: metadata.labels?.[WORKLOAD_POD_UID_LABEL],
      },
    ]),
  );
  return listStorage(nodeViews).flatMap((mount) => {
    const pod = byUid.get(mount.place.podUid);
    const owner = owners.get(readSharingKey(mount.row));
    if (!pod || !owner) return [];
    const isOwn = owner.namespace === pod.metadata.namespace;
    const isSame = owner.podUid === undefined || owner.podUid === pod.metadata.uid;
    const whose = isOwn ? `pod ${owner.podUid} alone` : `namespace ${owner.namespace}`;
    return [
      {
        ...describeMount(mount, pods),
        broken: isOwn && isSame ? undefined : `Its mount pod is for ${whose}`,
      },
    ];
  });
}

function judgeReadOnly({ claims, pods, nodeViews, containers }: Snapshot): Verdict[] {
  const storage = listStorage(nodeViews);
  const readOnly = claims.filter(
    (claim) =>
      claim.spec.readOnly === true &&
      claim.status?.observedGeneration === claim.metadata.generation,
  );
  return readOnly.flatMap((claim) => {
    const served = findServed(claim, pods);
    const mountpoint = readMountpoint(claim);
    const onNodes = storage
      .filter(({ place }) => served.has(place.podUid) && place.mountpoint === mountpoint)
      .map((mount) => ({
        ...describeMount(mount, pods),
        broken: describeWritable(mount.row.options, claim),
      }));
    const inContainers = containers
      .filter(({ podUid }) => served.has(podUid))
      .flatMap((container) =>
        container.rows
          .filter(
            (row) => row.mountpoint === `${container.rootPath}/${mountpoint}` && isStorage(row),
          )
          .map((row) => ({
            ...describeSeen(container, row.mountpoint, pods),
            broken: describeWritable(row.options, claim),
          })),
      );
    return [...onNodes, ...inContainers];
  });
}

/** UIDs of the pods in which the claim itself, and no older one, has the mountpoint. */
function findServed(claim: Claim, pods: readonly Pod[]): Set<string> {
  const attached = new Set(
    (claim.status?.pods ?? []).filter(({ state }) => state === 'Attached').map(({ uid }) => uid),
  );
  const matching = listMatching(claim, pods).filter(hasVolumeRoot);
  return new Set(matching.map(({ metadata }) => metadata.uid).filter((uid) => attached.has(uid)));
}

function describeWritable(options: readonly string[], claim: Claim): string | undefined {
  return options.includes('ro')
    ? undefined
    : `It is writable, but ${nameOf('claim', claim)} is read-only`;
}
