// May a class go, and is it kept from going while a claim uses it? (pure)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { CLASS_FINALIZER } from '../api/names.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';

export type FinalizerPlan =
  | { kind: 'nothing' }
  | { kind: 'setFinalizers'; finalizers: string[] }
  /** The class is to be deleted and has to wait. */
  | { kind: 'tellUsers'; message: string };

/** As many as a person reads. */
const MAX_NAMED_USERS = 10;

/**
 * Plans what to do with the finalizer of a class.
 *
 * @param users claims that use the class; asked only when it matters
 */
export function planFinalizer(
  cls: StorageProviderClass,
  users: () => DynamicVolumeClaim[],
): FinalizerPlan {
  const { finalizers = [], deletionTimestamp } = cls.metadata;
  const isKept = finalizers.includes(CLASS_FINALIZER);
  if (deletionTimestamp === undefined) {
    return isKept
      ? { kind: 'nothing' }
      : { kind: 'setFinalizers', finalizers: [...finalizers, CLASS_FINALIZER] };
  }
  if (!isKept) return { kind: 'nothing' };
  const claims = users();
  if (claims.length > 0) return { kind: 'tellUsers', message: describeUsers(cls, claims) };
  return {
    kind: 'setFinalizers',
    finalizers: finalizers.filter((one) => one !== CLASS_FINALIZER),
  };
}

function describeUsers(cls: StorageProviderClass, claims: DynamicVolumeClaim[]): string {
  const names = claims.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
  const named = names.slice(0, MAX_NAMED_USERS).join(', ');
  const more = names.length > MAX_NAMED_USERS ? ` and ${names.length - MAX_NAMED_USERS} more` : '';
  const noun = names.length === 1 ? 'claim' : 'claims';
  const end = names.length === 1 ? 'it is deleted when that is' : 'it is deleted when they are';
  return `StorageProviderClass "${cls.metadata.name}" is used by ${noun} ${named}${more}; ${end}`;
}
