// What does the API server tell, and what must be remembered of it?
import type { KubeApi } from './kube-api.ts';
import { isMountPod } from './model.ts';
import { GROUP, SECRET_NAME_PARAMETER, SECRET_NAMESPACE_PARAMETER, VERSION } from './names.ts';
import type { Claim, ClaimEvent, Node, Pod, Secret, StorageClass } from './objects.ts';
import type { Memory, Snapshot } from './snapshot.ts';

type Objects = Pick<Snapshot, 'claims' | 'classes' | 'pods' | 'nodes' | 'events'>;

const OURS = `/apis/${GROUP}/${VERSION}`;
const EVENTS = '/api/v1/events?fieldSelector=involvedObject.kind%3DDynamicVolumeClaim';
/** Keys whose values nobody may see; an access key's name is no secret. */
const SECRET_KEYS = ['secret-access-key', 'session-token'];
/** A shorter value is found in any text. */
const MIN_SECRET_LENGTH = 8;

export async function observeObjects(api: KubeApi): Promise<Objects> {
  const [claims, classes, pods, nodes, events] = await Promise.all([
    api.list<Claim>(`${OURS}/dynamicvolumeclaims`),
    api.list<StorageClass>(`${OURS}/storageproviderclasses`),
    api.list<Pod>('/api/v1/pods'),
    api.list<Node>('/api/v1/nodes'),
    api.list<ClaimEvent>(EVENTS),
  ]);
  return { claims, classes, pods, nodes, events };
}

/** Values of the Secrets that classes name. */
export async function observeSecretValues(
  api: KubeApi,
  classes: readonly StorageClass[],
): Promise<string[]> {
  const paths = new Set(
    classes.flatMap(({ spec }) => {
      const name = spec.parameters?.[SECRET_NAME_PARAMETER];
      const namespace = spec.parameters?.[SECRET_NAMESPACE_PARAMETER];
      return name && namespace ? [`/api/v1/namespaces/${namespace}/secrets/${name}`] : [];
    }),
  );
  const secrets = await Promise.all([...paths].map((path) => api.find<Secret>(path)));
  return secrets
    .flatMap((secret) => SECRET_KEYS.map((key) => secret?.data?.[key] ?? ''))
    .map((value) => Buffer.from(value, 'base64').toString())
    .filter((value) => value.length >= MIN_SECRET_LENGTH);
}

/** Pure: adds what this look has shown to what former ones have. */
export function remember(
  memory: Memory,
  { claims, pods }: Pick<Objects, 'claims' | 'pods'>,
  secretValues: readonly string[],
): Memory {
  const bucketsOf = (isReadOnly: boolean) =>
    claims
      .filter((claim) => wasAlwaysReadOnly(claim) === isReadOnly)
      .map(({ spec }) => spec.s3Config.bucket);
  const addresses = pods.filter(isMountPod).flatMap(({ status }) => status?.podIP ?? []);
  // Addresses are given out again.
  const others = pods
    .filter((pod) => !isMountPod(pod))
    .flatMap(({ status }) => status?.podIP ?? []);
  const mountPodAddresses = new Set([...memory.mountPodAddresses, ...addresses]);
  for (const address of others) mountPodAddresses.delete(address);
  return {
    writableBuckets: new Set([...memory.writableBuckets, ...bucketsOf(false)]),
    readOnlyBuckets: new Set([...memory.readOnlyBuckets, ...bucketsOf(true)]),
    mountPodAddresses,
    secretValues: new Set([...memory.secretValues, ...secretValues]),
  };
}

/** One that was edited may have been writable between two looks. Its deletion counts as an edit. */
function wasAlwaysReadOnly({ metadata, spec }: Claim): boolean {
  const { generation = 1, deletionTimestamp } = metadata;
  return spec.readOnly === true && generation <= (deletionTimestamp === undefined ? 1 : 2);
}
