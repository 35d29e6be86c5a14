// By which field does a line of the log name the object of a review? (pure)
import type { AdmissionRequest } from './review.ts';

const FIELDS: Record<string, 'pod' | 'claim'> = {
  Pod: 'pod',
  Eviction: 'pod',
  DynamicVolumeClaim: 'claim',
};

/** `<namespace>/<name>`; a pod that is made by its owner has only the begin of its name yet. */
export function buildObjectFields(request: AdmissionRequest): Record<string, string> {
  const { namespace = '', object } = request;
  const { name, generateName } = (object.metadata ?? {}) as Record<string, string | undefined>;
  const { kind = '' } = (request.kind ?? {}) as Record<string, string | undefined>;
  const field = FIELDS[kind] ?? 'object';
  return { [field]: `${namespace}/${request.name || name || generateName || ''}` };
}
