// How does an error become a result? (the only place where activities translate errors)
import { VolumeError } from '../api/errors.ts';
import type { Failure } from './contract.ts';

/** The failure as data, for a workflow's history: it names what failed and never holds a credential. */
export function buildFailure(thrown: unknown): Failure {
  const { code, message } = VolumeError.from(thrown);
  return { code, message };
}
