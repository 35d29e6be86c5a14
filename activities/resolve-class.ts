// Which StorageProviderClass serves a pod, and with which parameters?
import { VolumeError } from '../api/errors.ts';
import { parseClassParameters } from '../api/storage-provider-class.ts';
import type { ClassParameters } from '../api/storage-provider-class.ts';
import type { Failure } from './contract.ts';
import type { Dependencies } from './dependencies.ts';
import { buildFailure } from './failures.ts';

export type ResolvedClass = { parameters: ClassParameters } | { failure: Failure };

/** Reads a class from the cache; that it does not exist is only believed of the API server. */
export async function resolveClass(
  { view, kubernetes }: Pick<Dependencies, 'view' | 'kubernetes'>,
  wanted: { name: string; provider: string },
): Promise<ResolvedClass> {
  const cls =
    view.storageProviderClass(wanted.name) ??
    (await kubernetes.getStorageProviderClass(wanted.name));
  try {
    if (cls === undefined) throw missing(wanted.name);
    if (cls.spec.provider !== wanted.provider) throw unfit(wanted, cls.spec.provider);
    return { parameters: parseClassParameters(cls) };
  } catch (error) {
    return { failure: buildFailure(error) };
  }
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
