// What do a test's Secret and StorageProviderClass look like?
import { CLASS_PARAMETERS } from '../../api/names.ts';
import type { LabelSelector } from '../../api/label-selector.ts';
import type { AnyObject, Ref } from './kube.ts';
import { CLAIM_API } from './names.ts';

export interface ClassOptions {
  name?: string;
  /** Over those of a class with 50Mi and no CPU limit. */
  parameters?: Partial<Record<keyof typeof CLASS_PARAMETERS, string>>;
  allowedNamespaces?: LabelSelector;
  allowedEndpoints?: string[];
}

/** Keys of the stack's S3 that may do everything. */
export function stackKeys(): Record<string, string> {
  return {
    'access-key-id': process.env['AWS_ACCESS_KEY_ID'] ?? '',
    'secret-access-key': process.env['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
}

/** A Secret with exactly these values, also when it is applied over another one (`stringData` only adds). */
export function buildSecret(ref: Ref, values: Record<string, string>): AnyObject {
  const encoded = Object.entries(values).map(([key, value]) => [key, btoa(value)]);
  return { ...ref, data: Object.fromEntries(encoded) };
}

export function classRef(name: string): Ref {
  return { apiVersion: CLAIM_API, kind: 'StorageProviderClass', metadata: { name } };
}

/** A class whose Secret is `keys` of this namespace. */
export function buildClass(name: string, namespace: string, options: ClassOptions): AnyObject {
  const { allowedNamespaces, allowedEndpoints } = options;
  const parameters = {
    secretName: 'keys',
    secretNamespace: namespace,
    cpuRequest: '10m',
    memoryRequest: '50Mi',
    memoryLimit: '50Mi',
    ...options.parameters,
  };
  const named = Object.entries(parameters).map(([key, value]) => [
    CLASS_PARAMETERS[key as keyof typeof CLASS_PARAMETERS],
    value,
  ]);
  return {
    ...classRef(name),
    spec: {
      provider: 's3',
      parameters: Object.fromEntries(named),
      ...(allowedNamespaces ? { allowedNamespaces } : {}),
      ...(allowedEndpoints ? { allowedEndpoints } : {}),
    },
  };
}
