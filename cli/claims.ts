// Which claims does a command mean?
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { API_VERSION, CLAIM_PLURAL, GROUP } from '../api/names.ts';
import { find, namespacedPath } from '../watch/kubernetes-requests.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { listObjects } from './list-objects.ts';
import type { ObjectList } from './list-objects.ts';
import { suggestNames } from './near-names.ts';

const GROUP_PATH = `/apis/${GROUP}/${API_VERSION}`;

/** A claim as the API server gives it, with what other versions may have added. */
export type ClaimObject = DynamicVolumeClaim & { apiVersion?: string; kind?: string };

type ClaimList = ObjectList<ClaimObject>;

/** Names that a sentence lists. */
const MAX_NAMED = 5;

type Context = Pick<CliContext, 'flags' | 'kubernetes' | 'namespace' | 'signal'>;

/** Path of the claims that `-n` and `-A` mean, without a query. */
export function buildCollectionPath({ flags, namespace }: Omit<Context, 'kubernetes'>): string {
  return flags.allNamespaces
    ? `${GROUP_PATH}/${CLAIM_PLURAL}`
    : namespacedPath(GROUP_PATH, CLAIM_PLURAL, { namespace: namespace() });
}

/** Lists the claims that `-n`, `-A` and `-l` mean, by namespace and name. */
export async function listClaims(context: Context): Promise<ClaimList> {
  const { selector } = context.flags;
  return list(context, buildCollectionPath(context), selector ? { labelSelector: selector } : {});
}

async function list(
  { kubernetes, signal }: Context,
  path: string,
  query: Record<string, string>,
): Promise<ClaimList> {
  const found = await listObjects<ClaimObject>(kubernetes(), path, query, signal);
  return { ...found, items: found.items.sort(compareNames) };
}

function compareNames(a: ClaimObject, b: ClaimObject): number {
  const key = ({ metadata }: ClaimObject): string => `${metadata.namespace}/${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}

/**
 * Reads the claim of this name in the namespace of `-n`.
 *
 * @param name also as `kubectl get -o name` prints it: `dynamicvolumeclaim/pictures`
 * @throws CliError there is none; the message says what there is instead
 */
export async function readClaim(context: Context, name: string): Promise<ClaimObject> {
  const claim = await findClaim(context, name);
  if (claim === undefined) throw await explainMissing(context, parseClaimName(name));
  return claim;
}

/** @throws CliError usage: a name is of one namespace, and needs no labels */
export function refuseSelection({ flags }: Pick<CliContext, 'flags'>): void {
  refuseSelector({ flags });
  if (!flags.allNamespaces) return;
  throw new CliError(
    'A claim is named in one namespace: give it with -n instead of -A',
    EXIT_CODES.usage,
  );
}

/** @throws CliError usage: the command lists no claims */
export function refuseSelector({ flags }: Pick<CliContext, 'flags'>): void {
  if (flags.selector === undefined) return;
  throw new CliError(
    `-l ${flags.selector} has no meaning here: it chooses from a list of claims; leave it out`,
    EXIT_CODES.usage,
  );
}

/** As {@link readClaim}; undefined when there is none. */
export async function findClaim(context: Context, name: string): Promise<ClaimObject | undefined> {
  refuseSelection(context);
  const namespace = context.namespace();
  const path = namespacedPath(GROUP_PATH, CLAIM_PLURAL, { namespace, name: parseClaimName(name) });
  return (await find(context.kubernetes(), path, context.signal)) as ClaimObject | undefined;
}

/** Takes off the kind that stands before a name. */
export function parseClaimName(name: string): string {
  return /^(?:dvc|dynamicvolumeclaims?)(?:\.[a-z0-9.]+)?\/(.+)$/.exec(name)?.[1] ?? name;
}

/** Why there is no such claim, and which one may be meant. */
async function explainMissing(context: Context, name: string): Promise<CliError> {
  const namespace = context.namespace();
  const hint = await findHint(context, name).catch(() => undefined);
  return new CliError(
    `There is no claim "${name}" in namespace ${namespace}${hint ? `: ${hint}` : ''}`,
    EXIT_CODES.notFound,
  );
}

async function findHint(context: Context, name: string): Promise<string | undefined> {
  const near = await listNames(context, false);
  const suggested = suggestNames(
    name,
    near.map((claim) => claim.name),
  );
  if (suggested.length > 0)
    return `did you mean ${suggested.map((each) => `"${each}"`).join(' or ')}?`;
  const elsewhere = (await listNames(context, true)).filter((claim) => claim.name === name);
  const [found] = elsewhere;
  if (found !== undefined)
    return `there is one in namespace ${found.namespace}, add -n ${found.namespace}`;
  return describeNames(near.map((claim) => claim.name));
}

function describeNames(names: string[]): string {
  if (names.length === 0) return 'that namespace has no claims';
  if (names.length > MAX_NAMED) return `that namespace has ${names.length} others`;
  return `there is ${names.map((name) => `"${name}"`).join(', ')}`;
}

async function listNames(
  context: Context,
  allNamespaces: boolean,
): Promise<{ namespace: string; name: string }[]> {
  const path = buildCollectionPath({ ...context, flags: { ...context.flags, allNamespaces } });
  const { items } = await list(context, path, {});
  return items.map(({ metadata }) => metadata);
}
