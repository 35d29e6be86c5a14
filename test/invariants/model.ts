// What should be mounted where, told from the objects alone? (pure)
import { isStorage, parsePlace, type Place, type Row } from './mount-table.ts';
import { COMPONENT_LABEL, MOUNT_NAMESPACE, ROOT_VOLUME, SYSTEM_NAMESPACE } from './names.ts';
import { isTrue, type Claim, type Pod } from './objects.ts';
import type { NodeView, Snapshot } from './snapshot.ts';

/** Whether the labels satisfy a claim's selector; one without any term selects nothing. */
export function selects(
  selector: Claim['spec']['selector'],
  labels: Pod['metadata']['labels'] = {},
): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  const pairs = Object.entries(matchLabels);
  if (pairs.length + matchExpressions.length === 0) return false;
  return (
    pairs.every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => satisfies(expression, labels))
  );
}

function satisfies(
  { key, operator, values = [] }: { key: string; operator: string; values?: string[] },
  labels: Record<string, string>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

/** Pods that a claim is for: of its namespace, selected, neither finished nor being deleted. */
export function listMatching(claim: Claim, pods: readonly Pod[]): Pod[] {
  return pods.filter(
    (pod) =>
      pod.metadata.namespace === claim.metadata.namespace &&
      pod.metadata.deletionTimestamp === undefined &&
      !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '') &&
      selects(claim.spec.selector, pod.metadata.labels),
  );
}

export function hasVolumeRoot(pod: Pod): boolean {
  return (pod.spec.volumes ?? []).some(({ name }) => name === ROOT_VOLUME);
}

/** `/data` and `data` are the same. */
export function readMountpoint(claim: Claim): string {
  return claim.spec.mountpoint.replace(/^\/+/, '');
}

/** Whether the claim's status is about the claim as it is now, and says Ready. */
export function isReady(claim: Claim): boolean {
  return (
    claim.metadata.deletionTimestamp === undefined &&
    claim.status?.observedGeneration === claim.metadata.generation &&
    isTrue(claim, 'Ready')
  );
}

export function isMountPod(pod: Pod): boolean {
  return pod.metadata.namespace === MOUNT_NAMESPACE;
}

/** Pods of the product that run on every node, or steer. */
export function listComponent(pods: readonly Pod[], component: string): Pod[] {
  return pods.filter(
    ({ metadata }) =>
      metadata.namespace === SYSTEM_NAMESPACE && metadata.labels?.[COMPONENT_LABEL] === component,
  );
}

/** A mount below the volumes of a node. */
export interface PlacedMount {
  node: string;
  row: Row;
  place: Place;
}

export function listPlaced(views: readonly NodeView[]): PlacedMount[] {
  return views.flatMap(({ name, rows }) =>
    rows.flatMap((row) => {
      const place = parsePlace(row.mountpoint);
      return place ? [{ node: name, row, place }] : [];
    }),
  );
}

/** Storage in pods: the volume roots themselves left out. */
export function listStorage(views: readonly NodeView[]): PlacedMount[] {
  return listPlaced(views).filter(({ row, place }) => place.mountpoint !== '' && isStorage(row));
}

/** Whether new claims can be served: a grace counts only while this holds. */
export function isControlled({ pods }: Pick<Snapshot, 'pods'>): boolean {
  return listComponent(pods, 'controller').some((pod) => isTrue(pod, 'Ready'));
}

/** Nodes that are Ready and have an agent that is. */
export function listHealthyNodes({ nodes, pods }: Pick<Snapshot, 'nodes' | 'pods'>): Set<string> {
  const agents = listComponent(pods, 'csi-node').filter((pod) => isTrue(pod, 'Ready'));
  const served = new Set(agents.map((pod) => pod.spec.nodeName));
  const names = nodes.filter((node) => isTrue(node, 'Ready')).map(({ metadata }) => metadata.name);
  return new Set(names.filter((name) => served.has(name)));
}
