// Which pods may share a mount pod, and which a mounted source? (pure)
import { createHash } from 'node:crypto';
import type { ClassParameters } from '../api/storage-provider-class.ts';
import type { PodView } from '../watch/cluster-view.ts';
import type { S3Place } from './contract.ts';

export interface SharingScope {
  /** Namespace of claim and workload pod. */
  namespace: string;
  className: string;
  endpoint: string;
  parameters: ClassParameters;
  dispatchPolicy: string;
  podUid: string;
  /** Node of the workload pod; "" before it is scheduled. */
  node: string;
}

/** What is mounted, and with which credentials. */
export interface SourceIdentity {
  place: S3Place;
  secret: ClassParameters['secret'];
  /** `metadata.resourceVersion` of the Secret. */
  secretVersion: string;
  /** How often a person asked for a fresh source. */
  remounts: number;
}

/** What an injected pod may share, given the storage that a claim wants for it. */
export function buildPodScope(
  { namespace, uid, nodeName, volumeRoot }: PodView,
  wanted: Pick<SharingScope, 'className' | 'endpoint' | 'parameters'>,
): SharingScope {
  const dispatchPolicy = volumeRoot?.dispatchPolicy ?? '';
  return { ...wanted, namespace, dispatchPolicy, podUid: uid, node: nodeName ?? '' };
}

/**
 * Key of the mount pod that serves a workload pod: 16 hexadecimal digits over everything that may not
 * be shared. With the policy `shared` the pods of a node share, else each has its own.
 */
export function buildSharingKey(scope: SharingScope): string {
  const { secret, resources, writeMode } = scope.parameters;
  return hash([
    scope.namespace,
    scope.className,
    scope.endpoint,
    [secret.namespace, secret.name],
    [resources.requests.cpu, resources.requests.memory],
    [resources.limits.cpu, resources.limits.memory],
    writeMode,
    scope.dispatchPolicy,
    scope.dispatchPolicy === 'shared' ? scope.node : scope.podUid,
  ]);
}

/**
 * Key of one storage mounted once for a sharing key: `<sharing key>.<hash of the source>`. Whatever calls
 * for a fresh source is a part of it: another place, a rotated Secret, a person's remount.
 */
export function buildSourceKey(sharingKey: string, source: SourceIdentity): string {
  const { place, secret, secretVersion, remounts } = source;
  return `${sharingKey}.${hash([
    [place.bucket, place.prefix, place.region],
    [secret.namespace, secret.name, secretVersion],
    remounts,
  ])}`;
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
