// Which claim does `mount` write? (pure)
import { createHash } from 'node:crypto';
import { API_VERSION, GROUP } from '../../api/names.ts';
import { parseMountpoint } from '../../api/paths.ts';
import type { DynamicVolumeClaimSpec } from '../../api/dynamic-volume-claim.ts';
import type { PodChoice } from './pod-selector.ts';
import type { StorageUrl } from './storage-url.ts';
import { buildDefaultEndpoint } from './storage-url.ts';
import type { WorkloadPod } from './workload-pod.ts';

/** As a person would apply it: without what the API server adds. */
export interface WrittenClaim {
  apiVersion: string;
  kind: 'DynamicVolumeClaim';
  metadata: { name: string; namespace: string };
  spec: Partial<DynamicVolumeClaimSpec>;
}

export interface MountFlags {
  class?: string;
  endpoint?: string;
  region?: string;
  readOnly?: boolean;
  name?: string;
}

export function buildClaim(
  pod: WorkloadPod,
  storage: StorageUrl,
  mountpoint: string,
  choice: PodChoice,
  flags: MountFlags,
): WrittenClaim {
  const { namespace, name } = pod.metadata;
  const { region } = flags;
  return {
    apiVersion: `${GROUP}/${API_VERSION}`,
    kind: 'DynamicVolumeClaim',
    metadata: { name: flags.name ?? buildClaimName(name, mountpoint), namespace },
    spec: {
      selector: { matchLabels: choice.matchLabels },
      mountpoint,
      ...(flags.readOnly ? { readOnly: true } : {}),
      ...(flags.class === undefined ? {} : { storageProviderClassName: flags.class }),
      s3Config: {
        bucket: storage.bucket,
        endpoint: flags.endpoint ?? buildDefaultEndpoint(region),
        ...(storage.prefix === undefined ? {} : { prefix: storage.prefix }),
        ...(region === undefined ? {} : { region }),
      },
    },
  };
}

/** Of a claim's name (api/claim-rules.ts). */
const MAX_NAME_LENGTH = 63;
const HASH_LENGTH = 8;

/** `<pod>-<mountpoint>`, as a name of an object may be; a long one is cut and ends in a hash of the whole. */
export function buildClaimName(pod: string, mountpoint: string): string {
  const whole = `${pod}-${parseMountpoint(mountpoint)}`;
  const name = whole
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/-+$/, '');
  if (name.length <= MAX_NAME_LENGTH) return name;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, HASH_LENGTH);
  const kept = name.slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 1).replace(/-+$/, '');
  return `${kept}-${hash}`;
}
