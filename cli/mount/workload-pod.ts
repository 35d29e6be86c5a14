// Can storage be attached in this pod, and where does its volume root lie? (pure)
import { DRIVER_NAME, POD_ANNOTATIONS, ROOT_VOLUME_NAME } from '../../api/names.ts';
import { CliError } from '../cli-error.ts';

/** `v1.Pod`, the fields that are read. */
export interface WorkloadPod {
  metadata: {
    namespace: string;
    name: string;
    uid: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
    ownerReferences?: { kind: string; uid: string; controller?: boolean }[];
  };
  spec?: {
    volumes?: { name: string; csi?: { driver: string } }[];
    initContainers?: Container[];
    containers?: Container[];
  };
  status?: { phase?: string };
}

interface Container {
  volumeMounts?: { name: string; mountPath: string }[];
}

/** How a pod gets its volume root; ends the sentence of a refusal. */
const FIX = `put the annotations ${POD_ANNOTATIONS.className} and ${POD_ANNOTATIONS.rootPath} into its template and replace the pod`;

/**
 * Finds the path of the pod's volume root in its containers.
 * @throws CliError no storage can be attached in the pod; the message says why, and what to do
 */
export function findRootPath(pod: WorkloadPod): string {
  refuseEnded(pod);
  const { spec } = pod;
  const isInjected = spec?.volumes?.some(
    ({ name, csi }) => name === ROOT_VOLUME_NAME && csi?.driver === DRIVER_NAME,
  );
  if (!isInjected) throw new CliError(explainMissingRoot(pod));
  const mounts = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].flatMap(
    ({ volumeMounts = [] }) => volumeMounts,
  );
  const root = mounts.find(({ name }) => name === ROOT_VOLUME_NAME);
  if (root !== undefined) return root.mountPath;
  throw new CliError(`${nameOf(pod)} has a volume root that none of its containers mounts; ${FIX}`);
}

function refuseEnded(pod: WorkloadPod): void {
  const phase = pod.status?.phase;
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw new CliError(`${nameOf(pod)} is being deleted; name another one`);
  }
  if (phase === 'Succeeded' || phase === 'Failed') {
    throw new CliError(`${nameOf(pod)} has ended (${phase}); name one that runs`);
  }
}

function explainMissingRoot(pod: WorkloadPod): string {
  const { annotations = {} } = pod.metadata;
  const hasAll = [POD_ANNOTATIONS.className, POD_ANNOTATIONS.rootPath].every(
    (key) => annotations[key] !== undefined,
  );
  const because = hasAll
    ? 'it has the annotations, but was made before it had them or while nothing injected; replace the pod'
    : `nobody asked for one when it was made, and a pod cannot get one later; ${FIX}`;
  return `${nameOf(pod)} has no volume root: ${because}`;
}

function nameOf({ metadata }: WorkloadPod): string {
  return `Pod ${metadata.namespace}/${metadata.name}`;
}
