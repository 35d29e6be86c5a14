// Which storage does s3://bucket/prefix name? (pure)
import { CliError } from '../cli-error.ts';
import { EXIT_CODES } from '../exit-codes.ts';

export interface StorageUrl {
  bucket: string;
  /** Without "/" at its ends; absent for the whole bucket. */
  prefix?: string;
}

/**
 * Parses the storage of `mount`. Whether bucket and prefix may be called so, the API server says.
 * @throws CliError it is no s3 URL
 */
export function parseStorageUrl(text: string): StorageUrl {
  const match = /^s3:\/\/([^/?#@]+)(?:\/([^?#]*))?$/.exec(text);
  const [, bucket, path = ''] = match ?? [];
  if (bucket === undefined) {
    throw new CliError(
      `The storage is "${withoutSecrets(text)}"; give it as s3://BUCKET or s3://BUCKET/PREFIX, and its server with --endpoint`,
      EXIT_CODES.usage,
    );
  }
  const prefix = path.replace(/^\/+|\/+$/g, '');
  return { bucket, ...(prefix === '' ? {} : { prefix }) };
}

/** Some tools take keys in such a URL; here they must not come back in a message. */
function withoutSecrets(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//***@');
}

/** AWS, where no other server is named: https://docs.aws.amazon.com/general/latest/gr/s3.html */
export function buildDefaultEndpoint(region: string | undefined): string {
  return `https://s3.${region ?? 'us-east-1'}.amazonaws.com`;
}
