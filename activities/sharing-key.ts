// Which pods may share a mount pod, and which a mounted source? (pure)
import { createHash } from 'node:crypto';
import type { ClassParameters } from '../api/storage-provider-class.ts';

export interface SharingScope {
  /** Namespace of claim and workload pod. */
  namespace: string;
  className: string;
  endpoint: string;
  parameters: ClassParameters;
  dispatchPolicy: string;
  podUid: string;
}

/**
 * Key of the mount pod that serves a workload pod: 16 hexadecimal digits over everything that may not
 * be shared. With the policy `shared` the workload pod is not a part of it.
 */
export function buildSharingKey(scope: SharingScope): string {
  const { secret, resources } = scope.parameters;
  return hash([
    scope.namespace,
    scope.className,
    scope.endpoint,
    [secret.namespace, secret.name],
    [resources.requests.cpu, resources.requests.memory],
    [resources.limits.cpu, resources.limits.memory],
    scope.dispatchPolicy,
    scope.dispatchPolicy === 'shared' ? '' : scope.podUid,
  ]);
}

/** Key of one storage mounted once for a sharing key: `<sharing key>.<hash of bucket and prefix>`. */
export function buildSourceKey(sharingKey: string, bucket: string): string {
  return `${sharingKey}.${hash(`${bucket}/`)}`;
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}
