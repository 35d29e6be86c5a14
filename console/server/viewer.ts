// What may somebody see who reads the console?
import { ConsoleRefusal } from './refusal.ts';

/** Rights on claims, as Kubernetes has given them. */
export interface Viewer {
  /** Name of who brought a token; undefined for whoever came by `kubectl port-forward`. */
  user: string | undefined;
  /** Throws {@link ConsoleRefusal} 401 when whoever it was is nobody any more. */
  check(): Promise<void>;
  /** May list the claims of all namespaces, of those that do not exist yet, too. */
  mayListAll(): Promise<boolean>;
  /** May list the claims of a namespace. */
  mayList(namespace: string): Promise<boolean>;
  /** May get a claim of a namespace. */
  mayGet(namespace: string): Promise<boolean>;
}

/** Whoever reaches the loopback address was let through by `kubectl port-forward`. */
export const EVERYTHING: Viewer = {
  user: undefined,
  check: async () => {},
  mayListAll: async () => true,
  mayList: async () => true,
  mayGet: async () => true,
};

/** Namespaces that are asked about one by one; each costs the API server a request. */
const MAX_NAMESPACES = 200;

/** Of those, how many are asked about at the same time. */
const MAX_AT_ONCE = 8;

/**
 * Which of the namespaces the viewer may list claims in.
 *
 * @param wanted the one that was asked for; undefined for all
 * @throws ConsoleRefusal 403 not that one, or none at all, or there are too many to ask about
 */
export async function chooseNamespaces(
  viewer: Viewer,
  wanted: string | undefined,
  namespaces: string[],
): Promise<Set<string>> {
  if (await viewer.mayListAll()) return new Set(wanted === undefined ? namespaces : [wanted]);
  if (wanted !== undefined) {
    if (await viewer.mayList(wanted)) return new Set([wanted]);
    throw new ConsoleRefusal(403, `You may not list dynamicvolumeclaims in namespace "${wanted}"`);
  }
  if (namespaces.length > MAX_NAMESPACES) throw refuseAll('there are many: name one of yours');
  const allowed = await filterNamespaces(viewer, namespaces);
  if (allowed.size === 0) throw refuseAll('you may in none that has claims: name one of yours');
  return allowed;
}

/** Those in which the viewer may list claims. */
export async function filterNamespaces(
  viewer: Viewer,
  namespaces: Iterable<string>,
): Promise<Set<string>> {
  if (await viewer.mayListAll()) return new Set(namespaces);
  const allowed = new Set<string>();
  const rest = [...namespaces].values();
  const askOneByOne = async (): Promise<void> => {
    for (const namespace of rest) if (await viewer.mayList(namespace)) allowed.add(namespace);
  };
  await Promise.all(Array.from({ length: MAX_AT_ONCE }, askOneByOne));
  return allowed;
}

function refuseAll(why: string): ConsoleRefusal {
  return new ConsoleRefusal(
    403,
    `You may not list dynamicvolumeclaims in all namespaces, and ${why}`,
  );
}
