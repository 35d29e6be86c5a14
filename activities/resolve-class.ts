// Which StorageProviderClass serves a pod, may it, and with which parameters?
import { checkRestrictions } from '../api/class-restrictions.ts';
import { VolumeError } from '../api/errors.ts';
import { isNewerVersion } from '../api/resource-version.ts';
import { parseClassParameters } from '../api/storage-provider-class.ts';
import type { ClassParameters, StorageProviderClass } from '../api/storage-provider-class.ts';
import type { Failure, SeenVersions } from './contract.ts';
import { buildSecretMissing } from './credentials.ts';
import type { Dependencies } from './dependencies.ts';
import { buildFailure } from './failures.ts';

type Reads = Pick<Dependencies, 'view' | 'kubernetes'>;

/** Who asks for a class, and what for. */
export interface ClassUse {
  provider: string;
  /** Namespace of the claim. */
  namespace: string;
  endpoint: string;
  /** A cache that is older is not believed. */
  seen: SeenVersions;
}

export interface UsableClass {
  generation: number;
  parameters: ClassParameters;
  /** `metadata.resourceVersion` of the Secret. */
  secretVersion: string;
}

/** `generation` is absent when there is no such class. */
export type ResolvedClass = UsableClass | { generation?: number; failure: Failure };

/** Reads classes, each once, by name. */
export async function resolveClasses(
  deps: Reads,
  names: string[],
  use: ClassUse,
): Promise<Map<string, ResolvedClass>> {
  const resolved = [...new Set(names)].map(async (name): Promise<[string, ResolvedClass]> => [
    name,
    await resolveClass(deps, name, use),
  ]);
  return new Map(await Promise.all(resolved));
}

/** The versions that these classes and their Secrets have shown. */
export function listSeen(classes: Map<string, ResolvedClass>): SeenVersions {
  const seen: SeenVersions = { classes: {}, secrets: {} };
  for (const [name, cls] of classes) {
    if (cls.generation !== undefined) seen.classes[name] = cls.generation;
    if ('failure' in cls) continue;
    const { namespace, name: secret } = cls.parameters.secret;
    seen.secrets[`${namespace}/${secret}`] = cls.secretVersion;
  }
  return seen;
}

async function resolveClass(deps: Reads, name: string, use: ClassUse): Promise<ResolvedClass> {
  const cls = await findClass(deps, name, use.seen);
  if (cls === undefined) return { failure: buildFailure(missing(name)) };
  const { generation } = cls.metadata;
  const refusal = await findRefusal(deps, cls, use);
  if (refusal) return { generation, failure: refusal };
  try {
    const parameters = parseClassParameters(cls);
    const secretVersion = await findSecretVersion(deps, parameters.secret, use.seen);
    if (secretVersion === undefined) throw buildSecretMissing(parameters.secret);
    return { generation, parameters, secretVersion };
  } catch (error) {
    // A request that failed says nothing of the class.
    if (!(error instanceof VolumeError)) throw error;
    return { generation, failure: buildFailure(error) };
  }
}

/** A class that the cache lacks, or has in an older version than was seen, is read from the API server. */
async function findClass(
  { view, kubernetes }: Reads,
  name: string,
  seen: SeenVersions,
): Promise<StorageProviderClass | undefined> {
  const cached = view.storageProviderClass(name);
  const isFresh = cached !== undefined && cached.metadata.generation >= (seen.classes[name] ?? 0);
  return isFresh ? cached : kubernetes.getStorageProviderClass(name);
}

/** As {@link findClass}: rotated keys stay in use, and a Secret is only gone when the API server says so. */
async function findSecretVersion(
  { view, kubernetes }: Reads,
  { namespace, name }: ClassParameters['secret'],
  seen: SeenVersions,
): Promise<string | undefined> {
  const cached = view.secretVersion(namespace, name);
  const known = seen.secrets[`${namespace}/${name}`];
  const isFresh = cached !== undefined && (known === undefined || !isNewerVersion(known, cached));
  return isFresh ? cached : kubernetes.getSecretVersion(namespace, name);
}

async function findRefusal(
  { kubernetes }: Reads,
  cls: StorageProviderClass,
  { provider, namespace, endpoint }: ClassUse,
): Promise<Failure | undefined> {
  const { name } = cls.metadata;
  if (cls.spec.provider !== provider) {
    return buildFailure(unfit({ name, provider }, cls.spec.provider));
  }
  // Labels of namespaces are in no cache: few classes restrict.
  const view = cls.spec.allowedNamespaces ? await kubernetes.getNamespace(namespace) : undefined;
  const use = { namespace, labels: view?.labels ?? {}, endpoint };
  const message = checkRestrictions(cls, use);
  return message === undefined ? undefined : { code: 'CLASS_NOT_ALLOWED', message };
}

function missing(name: string): VolumeError {
  return new VolumeError(
    'CLASS_NOT_FOUND',
    `StorageProviderClass "${name}" does not exist; create it or name another one`,
  );
}

function unfit(wanted: { name: string; provider: string }, provider: string): VolumeError {
  return new VolumeError(
    'CLASS_NOT_FOUND',
    `StorageProviderClass "${wanted.name}" is for the provider ${provider}, the claim needs ${wanted.provider}; set spec.storageProviderClassName`,
  );
}
