// What does rclone's error text mean?
import type { ErrorCode } from '../api/errors.ts';

/** First match wins: S3 codes are exact, so they come before status codes and words. */
const MEANINGS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/NoSuchBucket|directory not found/, 'BUCKET_NOT_FOUND'],
  [/RequestTimeTooSkewed|RequestExpired/, 'CLOCK_SKEW'],
  [
    /InvalidAccessKeyId|SignatureDoesNotMatch|InvalidToken|ExpiredToken|TokenRefreshRequired|XAdminUserNotFound/,
    'CREDENTIALS_REJECTED',
  ],
  [/AccessDenied|AllAccessDisabled/, 'ACCESS_DENIED'],
  [/x509:|tls: |certificate|server gave HTTP response to HTTPS client/, 'TLS_VERIFY_FAILED'],
  [/no such host|server misbehaving|dial tcp: lookup /, 'DNS_FAILED'],
  [
    /connection refused|i\/o timeout|no route to host|network is unreachable|deadline exceeded|connection reset|TLS handshake timeout|timeout awaiting/i,
    'ENDPOINT_UNREACHABLE',
  ],
  [/StatusCode: 403|status code: 403/, 'CREDENTIALS_REJECTED'],
  [/StatusCode: 404|status code: 404/, 'BUCKET_NOT_FOUND'],
];

/** The code of our error table for an error text of rclone's remote control. */
export function classifyStorageError(text: string): ErrorCode {
  return MEANINGS.find(([pattern]) => pattern.test(text))?.[1] ?? 'STORAGE_ERROR';
}
