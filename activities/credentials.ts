// With which keys is the storage reached? (read when needed; never kept, never in a result or a history)
import { VolumeError } from '../api/errors.ts';
import { SECRET_KEYS } from '../api/names.ts';
import type { Dependencies } from './dependencies.ts';

export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}

/** Longer than any key; a Secret of a megabyte is a mistake. */
const MAX_VALUE_LENGTH = 8_192;

/**
 * Reads the Secret of a class from the API server.
 *
 * @throws VolumeError `SECRET_MISSING` there is no such Secret
 * @throws VolumeError `SECRET_INVALID` a key is missing or unusable; names the key, never the value
 */
export async function readS3Credentials(
  { kubernetes }: Pick<Dependencies, 'kubernetes'>,
  secret: { namespace: string; name: string },
): Promise<S3Credentials> {
  const values = await kubernetes.getSecret(secret.namespace, secret.name);
  if (values === undefined) {
    throw new VolumeError(
      'SECRET_MISSING',
      `Secret ${secret.namespace}/${secret.name} does not exist; create it with the keys ${Object.values(SECRET_KEYS).join(' and ')}`,
    );
  }
  const read = (key: string) => parseSecretValue(values[key], key, secret);
  return {
    accessKeyId: read(SECRET_KEYS.accessKeyId),
    secretAccessKey: read(SECRET_KEYS.secretAccessKey),
  };
}

function parseSecretValue(
  value: string | undefined,
  key: string,
  secret: { namespace: string; name: string },
): string {
  const fault = findFault(value);
  if (value !== undefined && fault === undefined) return value;
  throw new VolumeError(
    'SECRET_INVALID',
    `Secret ${secret.namespace}/${secret.name}: the key "${key}" ${fault}`,
  );
}

function findFault(value: string | undefined): string | undefined {
  if (value === undefined) return 'is missing';
  if (value === '') return 'is empty';
  if (value.length > MAX_VALUE_LENGTH) return `is longer than ${MAX_VALUE_LENGTH} characters`;
  if (/\s/.test(value))
    return 'contains white space or a line break (was it made by echo without -n?)';
  if (/[^\x21-\x7e]/.test(value)) return 'contains characters that are not printable ASCII';
  return undefined;
}
