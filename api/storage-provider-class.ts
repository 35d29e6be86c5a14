// What may an administrator write in a StorageProviderClass, and what does it mean?
import { z } from 'zod';
import { VolumeError } from './errors.ts';
import { LabelSelector } from './label-selector.ts';
import { CLASS_PARAMETERS } from './names.ts';

export const StorageProviderClassSpec = z.object({
  provider: z.enum(['s3']).describe('Kind of storage that this class is for.'),
  parameters: z
    .record(z.string(), z.string().max(253))
    .describe(
      `Secret, resources and mode of the mount pods, each key with the group as prefix: ${Object.values(CLASS_PARAMETERS).join(', ')}.`,
    ),
  allowedNamespaces: LabelSelector.optional().describe(
    'Namespaces whose claims may use the class, by their labels; all of them when absent.',
  ),
  allowedEndpoints: z
    .array(z.string().min(1).max(253))
    .min(1)
    .max(64)
    .optional()
    .describe(
      'Hosts that claims may name as endpoint: a host, or `*.` and a domain for all hosts below it, each with an optional :port; any host when absent.',
    ),
});
export type StorageProviderClassSpec = z.infer<typeof StorageProviderClassSpec>;

export interface StorageProviderClass {
  metadata: {
    name: string;
    uid: string;
    generation: number;
    resourceVersion: string;
    deletionTimestamp?: string;
    finalizers?: string[];
  };
  spec: StorageProviderClassSpec;
}

/** The parameters of a class, parsed once. Quantities are Kubernetes quantities as written. */
export interface ClassParameters {
  secret: { namespace: string; name: string };
  resources: {
    requests: { cpu?: string; memory?: string };
    limits: { cpu?: string; memory?: string };
  };
  /** `cached` allows appending and random writes; what is written reaches the bucket after `close`. */
  writeMode: WriteMode;
  /** Mount pods of the class that shall stand ready on each node with an injected pod of it. */
  warmMountPods: number;
}

export const WRITE_MODES = ['sequential', 'cached'] as const;
export type WriteMode = (typeof WRITE_MODES)[number];

/** Enough for a burst of pods; each one costs its memory request. */
export const MAX_WARM_MOUNT_PODS = 10;

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
    writeMode: parseWriteMode(cls),
    warmMountPods: parseWarmMountPods(cls),
  };
}

function parseWriteMode(cls: StorageProviderClass): WriteMode {
  const value = cls.spec.parameters[CLASS_PARAMETERS.writeMode] ?? WRITE_MODES[0];
  const mode = WRITE_MODES.find((each) => each === value);
  if (mode) return mode;
  throw refuse(cls, CLASS_PARAMETERS.writeMode, `allowed are ${WRITE_MODES.join(' and ')}`);
}

function parseWarmMountPods(cls: StorageProviderClass): number {
  const value = cls.spec.parameters[CLASS_PARAMETERS.warmMountPods] ?? '0';
  if (/^\d{1,2}$/.test(value) && Number(value) <= MAX_WARM_MOUNT_PODS) return Number(value);
  throw refuse(
    cls,
    CLASS_PARAMETERS.warmMountPods,
    `allowed are whole numbers from 0 to ${MAX_WARM_MOUNT_PODS}`,
  );
}

function refuse(cls: StorageProviderClass, key: string, allowed: string): VolumeError {
  return new VolumeError(
    'CLASS_INVALID',
    `StorageProviderClass "${cls.metadata.name}": spec.parameters["${key}"] is "${cls.spec.parameters[key]}"; ${allowed}`,
  );
}

function pick(given: Record<string, string>, cpuKey: string, memoryKey: string) {
  const cpu = given[cpuKey];
  const memory = given[memoryKey];
  return { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) };
}
