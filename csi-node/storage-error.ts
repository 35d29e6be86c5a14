// What does a person read when the storage refuses?
import { type ErrorCode, VolumeError } from '../api/errors.ts';
import type { S3Storage } from '../api/node-agent.ts';

const MAX_DETAIL = 200;

type Sentence = (s3: S3Storage) => string;

const SENTENCES: Partial<Record<ErrorCode, Sentence>> = {
  BUCKET_NOT_FOUND: (s3) => `Bucket ${s3.bucket} does not exist at ${s3.endpoint}; create it`,
  CREDENTIALS_REJECTED: (s3) =>
    `${s3.endpoint} rejected the access keys; correct the Secret of the class`,
  ACCESS_DENIED: (s3) =>
    `The access keys may not list bucket ${s3.bucket} at ${s3.endpoint}; grant it to them`,
  TLS_VERIFY_FAILED: (s3) =>
    `The certificate of ${s3.endpoint} is not trusted; correct it or trust its authority`,
  DNS_FAILED: (s3) => `The host of ${s3.endpoint} cannot be resolved; correct the endpoint`,
  ENDPOINT_UNREACHABLE: (s3) => `${s3.endpoint} cannot be reached from the mount pod`,
  CLOCK_SKEW: (s3) => `The node's clock and that of ${s3.endpoint} differ too much; set them`,
};

/**
 * What the SDK for S3 puts before the cause: with the ids of the request no two tries would fail alike, and their cause
 * would be cut off. https://github.com/aws/aws-sdk-go-v2/blob/main/service/internal/s3shared/response_error.go
 */
const WRAPPING =
  /^.*\bStatusCode: (\d+), RequestID: [^,]*, HostID: [^,]*, (?:request send failed, \w+ "[^"]*": )?/;

/** The storage's own words, on one line, short, and without the keys that it may repeat. */
function buildDetail(s3: S3Storage, text: string): string {
  const safe = [s3.secretAccessKey, s3.accessKeyId, s3.sessionToken]
    .filter((key) => key !== '')
    .reduce((rest, key) => rest.replaceAll(key, '***'), text);
  const line = safe
    .replace(/\s+/g, ' ')
    .trim()
    .replace(WRAPPING, (_, status: string) => (status === '0' ? '' : `HTTP ${status}, `))
    .replace(/\.$/, '');
  return line.length > MAX_DETAIL ? `${line.slice(0, MAX_DETAIL)}…` : line;
}

/** Builds the error for a code and rclone's own text. It ends in the claim's condition: no key may be in it. */
export function describeStorageError(code: ErrorCode, s3: S3Storage, text: string): VolumeError {
  const sentence = SENTENCES[code]?.(s3) ?? `Storage ${s3.endpoint}, bucket ${s3.bucket}, failed`;
  return new VolumeError(code, `${sentence} (${buildDetail(s3, text)})`);
}
