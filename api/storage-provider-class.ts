// What may an administrator write in a StorageProviderClass, and what does it mean?
import { z } from 'zod';
import { VolumeError } from './errors.ts';
import { CLASS_PARAMETERS } from './names.ts';

export const StorageProviderClassSpec = z.object({
  provider: z.enum(['s3']).describe('Kind of storage that this class is for.'),
  parameters: z
    .record(z.string(), z.string().max(253))
    .describe(
      `Secret and mount pod resources, each key with the group as prefix: ${Object.values(CLASS_PARAMETERS).join(', ')}.`,
    ),
});
export type StorageProviderClassSpec = z.infer<typeof StorageProviderClassSpec>;

export interface StorageProviderClass {
  metadata: { name: string; uid: string; generation: number };
  spec: StorageProviderClassSpec;
}

/** The parameters of a class, parsed once. Quantities are Kubernetes quantities as written. */
export interface ClassParameters {
  secret: { namespace: string; name: string };
  resources: {
    requests: { cpu?: string; memory?: string };
    limits: { cpu?: string; memory?: string };
  };
}

/**
 * Parses the parameters of a class.
 * @throws VolumeError `CLASS_INVALID` a key is missing or unknown; the message names it
 */
export function parseClassParameters(cls: StorageProviderClass): ClassParameters {
  const given = cls.spec.parameters;
  const known = new Set<string>(Object.values(CLASS_PARAMETERS));
  const unknown = Object.keys(given).find((key) => !known.has(key));
  if (unknown !== undefined) {
    throw new VolumeError(
      'CLASS_INVALID',
      `StorageProviderClass "${cls.metadata.name}": spec.parameters has the unknown key "${unknown}"; allowed are ${[...known].join(', ')}`,
    );
  }
  const required = (key: string): string => {
    const value = given[key];
    if (value) return value;
    throw new VolumeError(
      'CLASS_INVALID',
      `StorageProviderClass "${cls.metadata.name}": spec.parameters["${key}"] is missing`,
    );
  };
  return {
    secret: {
      namespace: required(CLASS_PARAMETERS.secretNamespace),
      name: required(CLASS_PARAMETERS.secretName),
    },
    resources: {
      requests: pick(given, CLASS_PARAMETERS.cpuRequest, CLASS_PARAMETERS.memoryRequest),
      limits: pick(given, CLASS_PARAMETERS.cpuLimit, CLASS_PARAMETERS.memoryLimit),
    },
  };
}

function pick(given: Record<string, string>, cpuKey: string, memoryKey: string) {
  const cpu = given[cpuKey];
  const memory = given[memoryKey];
  return { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) };
}
