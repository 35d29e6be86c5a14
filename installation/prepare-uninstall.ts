// May an installation end, and what must be taken away before?
import { API_VERSION, CLAIM_PLURAL, DRIVER_NAME, GROUP } from '../api/names.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { isNotFound } from '../watch/kubernetes-error.ts';
import { namespacedPath } from '../watch/kubernetes-requests.ts';
import { PATHS } from '../watch/kubernetes.ts';
import { listKeptClasses } from './free-classes.ts';
import {
  count,
  list,
  tellNames,
  waitUntilGone,
  type Named,
  type Noun,
  type WaitOptions,
  type Waiting,
} from './left-objects.ts';

interface PodParts {
  spec: { nodeName?: string; volumes?: { csi?: { driver: string } }[] };
  status?: { phase?: string };
}

export interface UninstallOptions extends WaitOptions {
  /** What becomes of claims. */
  claims: 'refuse' | 'delete';
}

const CLAIMS: Noun = ['claim', 'claims'];
const CLASSES: Noun = ['class that is being deleted', 'classes that are being deleted'];
const PODS: Noun = ['pod with a volume root', 'pods with a volume root'];

/**
 * Resolves when nothing is left that only controller and agents can take away: no claim, no class that waits for claims, no
 * pod that has a volume root.
 *
 * @throws Error something is left; the message says what to do
 */
export async function prepareUninstall(options: UninstallOptions): Promise<void> {
  const { connection, tell } = options;
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const claims = await list<Named>(connection, PATHS.claims);
  if (claims.length > 0 && options.claims === 'refuse') {
    throw new Error(
      `There ${count(claims, CLAIMS)}: ${tellNames(claims)}. Delete them (kubectl delete dvc --all --all-namespaces) and uninstall again, or keep dynvol: helm rollback dynvol N, with the revision N of "helm list".`,
    );
  }
  if (claims.length > 0) await removeClaims({ ...options, deadline }, claims);
  await waitUntilGone({ ...options, deadline }, CLASSES, async () => {
    const kept = await listKeptClasses(connection);
    return kept.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  });
  const pods = await listPodsWithVolumeRoot(connection);
  if (pods.length > 0) {
    throw new Error(
      `There ${count(pods, PODS)}: ${tellNames(pods)}. Without the agents they could never end: delete them, or take our annotations off their workloads, and uninstall again.`,
    );
  }
  tell('Nothing is left that needs the controller or the agents.');
}

async function removeClaims(options: Waiting, claims: Named[]): Promise<void> {
  const { connection, tell } = options;
  tell(`There ${count(claims, CLAIMS)}, which will be deleted: ${tellNames(claims)}`);
  for (const { metadata } of claims) {
    const { namespace = '', name } = metadata;
    const path = namespacedPath(`/apis/${GROUP}/${API_VERSION}`, CLAIM_PLURAL, { namespace, name });
    await connection.send({ method: 'DELETE', path }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
  await waitUntilGone(options, CLAIMS, () => list(connection, PATHS.claims));
  tell('All claims are gone; what is in the buckets stays.');
}

async function listPodsWithVolumeRoot(
  connection: Pick<KubernetesConnection, 'send'>,
): Promise<Named[]> {
  return await list<Named & PodParts>(connection, PATHS.pods, { keep: hasVolumeRoot });
}

/** The kubelet has cleaned up after those that have ended, and never begun with those without a node. */
function hasVolumeRoot({ spec, status }: PodParts): boolean {
  return (
    spec.nodeName !== undefined &&
    status?.phase !== 'Succeeded' &&
    status?.phase !== 'Failed' &&
    (spec.volumes ?? []).some(({ csi }) => csi?.driver === DRIVER_NAME)
  );
}
