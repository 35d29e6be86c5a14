// May an installation end, and what must be taken away before?
import { CLASS_FINALIZER, CLAIM_PLURAL, DRIVER_NAME, GROUP, API_VERSION } from '../api/names.ts';
import { sleep } from '../watch/backoff.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { isNotFound } from '../watch/kubernetes-error.ts';
import { namespacedPath } from '../watch/kubernetes-requests.ts';
import { PATHS } from '../watch/kubernetes.ts';

/** The parts of objects that are looked at. */
interface Named {
  metadata: { namespace?: string; name: string };
}

interface ClassParts extends Named {
  metadata: {
    name: string;
    resourceVersion: string;
    deletionTimestamp?: string;
    finalizers?: string[];
  };
}

interface ClaimStatus {
  status?: { conditions?: { type: string; reason: string; message: string }[] };
}

interface PodParts {
  spec: { nodeName?: string; volumes?: { csi?: { driver: string } }[] };
  status?: { phase?: string };
}

/** What it is all about is not done, for a reason that a person can mend; the message says how. */
export class UninstallRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UninstallRefused';
  }
}

/** How long objects are waited for, and who hears of it. */
export interface WaitOptions {
  connection: Pick<KubernetesConnection, 'send'>;
  /** Gets a line now and then. */
  tell(line: string): void;
  /** Milliseconds for all objects of a kind to go. */
  timeoutMs: number;
  /** Milliseconds between two looks; 1,000 when absent. */
  everyMs?: number;
}

export interface UninstallOptions extends WaitOptions {
  /** What becomes of claims. */
  claims: 'refuse' | 'delete';
}

const PAGE = 500;
const NAMES_TOLD = 5;
const CONTROLLER_LABELS = 'app.kubernetes.io/name=dynvol,app.kubernetes.io/component=controller';

type Noun = readonly [one: string, many: string];
const CLAIMS: Noun = ['claim', 'claims'];
const CLASSES: Noun = ['class that is being deleted', 'classes that are being deleted'];
const CONTROLLERS: Noun = ['controller that has not ended', 'controllers that have not ended'];
const PODS: Noun = ['pod with a volume root', 'pods with a volume root'];

/**
 * Resolves when nothing is left that only controller and agents can take away: no claim, no class that waits for claims, no
 * pod that has a volume root.
 *
 * @throws UninstallRefused something is left
 */
export async function prepareUninstall(options: UninstallOptions): Promise<void> {
  const { connection, tell } = options;
  const claims = await list<Named>(connection, PATHS.claims);
  if (claims.length > 0 && options.claims === 'refuse') {
    throw new UninstallRefused(
      `There ${count(claims, CLAIMS)}: ${tellNames(claims)}. Delete them (kubectl delete dvc --all --all-namespaces) and uninstall again, or keep dynvol: helm rollback dynvol N, with the revision N of "helm list".`,
    );
  }
  if (claims.length > 0) await removeClaims(options, claims);
  await waitUntilGone(options, CLASSES, async () => {
    const kept = await listKeptClasses(connection);
    return kept.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  });
  const pods = await listPodsWithVolumeRoot(connection);
  if (pods.length > 0) {
    throw new UninstallRefused(
      `There ${count(pods, PODS)}: ${tellNames(pods)}. Without the agents they could never end: delete them, or take our annotations off their workloads, and uninstall again.`,
    );
  }
  tell('Nothing is left that needs the controller or the agents.');
}

/**
 * Takes our finalizer off the classes that stay, so that they can be deleted when nobody looks after them any more. Waits
 * for the controllers to end, which would put it back.
 *
 * @throws UninstallRefused a controller does not end
 */
export async function freeClasses(options: WaitOptions): Promise<void> {
  const { connection, tell } = options;
  await waitUntilGone(options, CONTROLLERS, () => list(connection, PATHS.pods, CONTROLLER_LABELS));
  const classes = await listKeptClasses(connection);
  for (const { metadata } of classes) {
    const { name, resourceVersion, finalizers = [] } = metadata;
    await connection.send({
      method: 'PATCH',
      path: `${PATHS.classes}/${encodeURIComponent(name)}`,
      patch: 'merge',
      body: {
        metadata: {
          resourceVersion,
          finalizers: finalizers.filter((one) => one !== CLASS_FINALIZER),
        },
      },
    });
  }
  tell(`Classes that stay and can now be deleted: ${tellNames(classes) || 'none'}`);
}

async function removeClaims(options: UninstallOptions, claims: Named[]): Promise<void> {
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

async function waitUntilGone(
  options: Omit<WaitOptions, 'connection'>,
  noun: Noun,
  look: () => Promise<(Named & ClaimStatus)[]>,
): Promise<void> {
  const { timeoutMs, everyMs = 1_000, tell } = options;
  const deadline = AbortSignal.timeout(timeoutMs);
  let told = 0;
  for (let left = await look(); left.length > 0; left = await look()) {
    if (deadline.aborted) {
      const seconds = Math.round(timeoutMs / 1_000);
      throw new UninstallRefused(
        `After ${seconds} s there still ${count(left, noun)}: ${tellNames(left)}. ${tellReason(left)}Uninstall again when that is mended.`,
      );
    }
    if (left.length !== told) tell(`Waiting: there ${count(left, noun)}: ${tellNames(left)}`);
    told = left.length;
    await sleep(everyMs, deadline);
  }
}

/** What the first of them says of itself. */
function tellReason([first]: (Named & ClaimStatus)[]): string {
  const ready = first?.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready === undefined ? '' : `The first says ${ready.reason}: ${ready.message} `;
}

async function listKeptClasses(
  connection: Pick<KubernetesConnection, 'send'>,
): Promise<ClassParts[]> {
  const classes = await list<ClassParts>(connection, PATHS.classes);
  return classes.filter(({ metadata }) => metadata.finalizers?.includes(CLASS_FINALIZER));
}

async function listPodsWithVolumeRoot(
  connection: Pick<KubernetesConnection, 'send'>,
): Promise<Named[]> {
  const pods = await list<Named & PodParts>(connection, PATHS.pods);
  return pods.filter(
    ({ spec, status }) =>
      // The kubelet has cleaned up after those that have ended, and never begun with those without a node.
      spec.nodeName !== undefined &&
      status?.phase !== 'Succeeded' &&
      status?.phase !== 'Failed' &&
      spec.volumes?.some(({ csi }) => csi?.driver === DRIVER_NAME),
  );
}

/** All objects of a kind, page by page. A kind that the API server does not know has none. */
async function list<T>(
  connection: Pick<KubernetesConnection, 'send'>,
  path: string,
  labelSelector = '',
): Promise<T[]> {
  const found: T[] = [];
  let next = '';
  do {
    const query = new URLSearchParams({ limit: String(PAGE), labelSelector, continue: next });
    try {
      const page = (await connection.send({
        method: 'GET',
        path: `${path}?${query.toString()}`,
      })) as {
        items: T[];
        metadata?: { continue?: string };
      };
      found.push(...page.items);
      next = page.metadata?.continue ?? '';
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return [];
    }
  } while (next !== '');
  return found;
}

function count({ length }: unknown[], [one, many]: Noun): string {
  return length === 1 ? `is 1 ${one}` : `are ${length} ${many}`;
}

function tellNames(objects: Named[]): string {
  const names = objects
    .slice(0, NAMES_TOLD)
    .map(({ metadata: { namespace, name } }) => (namespace ? `${namespace}/${name}` : name));
  const more = objects.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
