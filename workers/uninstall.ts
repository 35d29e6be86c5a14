// May an installation end, and what must be taken away before?
import { CLASS_FINALIZER, CLAIM_PLURAL, DRIVER_NAME, GROUP, API_VERSION } from '../api/names.ts';
import { sleep } from '../watch/backoff.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { isConflict, isNotFound } from '../watch/kubernetes-error.ts';
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

/** How long objects are waited for, and who hears of it. */
export interface WaitOptions {
  connection: Pick<KubernetesConnection, 'send'>;
  /** Gets a line now and then. */
  tell(line: string): void;
  /** Milliseconds for all objects together to go. */
  timeoutMs: number;
  /** Milliseconds between two looks; 1,000 when absent. */
  everyMs?: number;
}

export interface UninstallOptions extends WaitOptions {
  /** What becomes of claims. */
  claims: 'refuse' | 'delete';
}

/** Aborts `timeoutMs` after the beginning, whatever has been waited for until then. */
type Waiting = WaitOptions & { deadline: AbortSignal };

const PAGE = 500;
const NAMES_TOLD = 5;
const CONTROLLER_LABELS = 'app.kubernetes.io/name=dynvol,app.kubernetes.io/component=controller';

type Noun = readonly [one: string, many: string];
const CLAIMS: Noun = ['claim', 'claims'];
const CLASSES: Noun = ['class that is being deleted', 'classes that are being deleted'];
const KEPT_CLASSES: Noun = ['class with our finalizer', 'classes with our finalizer'];
const CONTROLLERS: Noun = ['controller that has not ended', 'controllers that have not ended'];
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

/**
 * Takes our finalizer off the classes that stay, so that they can be deleted when nobody looks after them any more. Waits
 * for the controllers to end, which would put it back.
 *
 * @throws Error a controller does not end
 */
export async function freeClasses(options: WaitOptions): Promise<void> {
  const { connection, tell } = options;
  const deadline = AbortSignal.timeout(options.timeoutMs);
  await waitUntilGone({ ...options, deadline }, CONTROLLERS, () =>
    list(connection, PATHS.pods, { labelSelector: CONTROLLER_LABELS }),
  );
  await waitUntilGone({ ...options, deadline }, KEPT_CLASSES, async () => {
    const classes = await listKeptClasses(connection);
    for (const cls of classes) await freeClass(connection, cls);
    return classes;
  });
  tell('Classes that stay can now be deleted.');
}

/** One that has changed meanwhile is looked at again. */
async function freeClass(
  connection: Pick<KubernetesConnection, 'send'>,
  { metadata: { name, resourceVersion, finalizers = [] } }: ClassParts,
): Promise<void> {
  const others = finalizers.filter((one) => one !== CLASS_FINALIZER);
  await connection
    .send({
      method: 'PATCH',
      path: `${PATHS.classes}/${encodeURIComponent(name)}`,
      patch: 'merge',
      body: { metadata: { resourceVersion, finalizers: others } },
    })
    .catch((error: unknown) => {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    });
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

async function waitUntilGone(
  options: Omit<Waiting, 'connection'>,
  noun: Noun,
  look: () => Promise<(Named & ClaimStatus)[]>,
): Promise<void> {
  const { timeoutMs, deadline, everyMs = 1_000, tell } = options;
  let told = 0;
  for (let left = await look(); left.length > 0; left = await look()) {
    if (deadline.aborted) {
      const seconds = Math.round(timeoutMs / 1_000);
      throw new Error(
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

/** Objects of a kind, page by page: a Job has not the memory for all pods. A kind that the API server does not know has none. */
async function list<T>(
  connection: Pick<KubernetesConnection, 'send'>,
  path: string,
  {
    labelSelector = '',
    keep = () => true,
  }: { labelSelector?: string; keep?(object: T): boolean } = {},
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
      found.push(...page.items.filter(keep));
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
