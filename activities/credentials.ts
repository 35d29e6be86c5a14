// With which keys is the storage reached? (read when needed; never kept, never in a result or a history)
import { X509Certificate } from 'node:crypto';
import { VolumeError } from '../api/errors.ts';
import { SECRET_KEYS } from '../api/names.ts';
import type { S3Storage } from '../api/node-agent.ts';
import type { Dependencies } from './dependencies.ts';

/** The part of a storage that comes from the Secret. Optional values are "" when the Secret has none. */
export type S3Credentials = Pick<
  S3Storage,
  'accessKeyId' | 'secretAccessKey' | 'sessionToken' | 'caCert'
>;

interface SecretRef {
  namespace: string;
  name: string;
}

/** Longer than any key; a Secret of a megabyte is a mistake. */
const MAX_VALUE_LENGTH = 8_192;

/** More than a chain of certificates needs; a whole trust store belongs into the chart's `trustedCABundle`. */
const MAX_CA_LENGTH = 65_536;

/**
 * Reads the Secret of a class from the API server.
 *
 * @throws VolumeError `SECRET_MISSING` there is no such Secret
 * @throws VolumeError `SECRET_INVALID` a key is missing or unusable; names the key, never the value
 */
export async function readS3Credentials(
  { kubernetes }: Pick<Dependencies, 'kubernetes'>,
  secret: SecretRef,
): Promise<S3Credentials> {
  const values = await kubernetes.getSecret(secret.namespace, secret.name);
  if (values === undefined) throw buildSecretMissing(secret);
  const read = (key: string) => parseValue(secret, key, values[key], findFault);
  const readOptional = (key: string, find = findFault) =>
    values[key] === undefined ? '' : parseValue(secret, key, values[key], find);
  return {
    accessKeyId: read(SECRET_KEYS.accessKeyId),
    secretAccessKey: read(SECRET_KEYS.secretAccessKey),
    sessionToken: readOptional(SECRET_KEYS.sessionToken),
    caCert: readOptional(SECRET_KEYS.caCert, findCertificateFault),
  };
}

/** The Secret that a class names does not exist. */
export function buildSecretMissing({ namespace, name }: SecretRef): VolumeError {
  return new VolumeError(
    'SECRET_MISSING',
    `Secret ${namespace}/${name} does not exist; create it with the keys ${SECRET_KEYS.accessKeyId} and ${SECRET_KEYS.secretAccessKey}`,
  );
}

function parseValue(
  secret: SecretRef,
  key: string,
  value: string | undefined,
  find: (value: string | undefined) => string | undefined,
): string {
  const fault = find(value);
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

function findCertificateFault(value = ''): string | undefined {
  if (value.length > MAX_CA_LENGTH) return `is longer than ${MAX_CA_LENGTH} characters`;
  if (/-----BEGIN (?!CERTIFICATE-----)/.test(value)) {
    return 'contains something other than certificates; leave only the blocks BEGIN CERTIFICATE';
  }
  const blocks = value.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return 'contains no PEM certificate';
  const bad = blocks.findIndex((block) => !isCertificate(block));
  return bad < 0 ? undefined : `contains as certificate ${bad + 1} something that is none`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
