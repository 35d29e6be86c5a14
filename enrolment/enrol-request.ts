// Is a request to enrol well formed, and does it come from who has the key?
import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { EnrolRequest } from '../api/enrolment.ts';
import { VolumeError } from '../api/errors.ts';

/** Three parts of base64url, as RFC 7519 has them. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const MAX_TOKEN_LENGTH = 16 * 1024;

/**
 * Checks what needs no other server, so that rubbish costs nobody anything.
 * @throws VolumeError INVALID_ARGUMENT malformed; UNAUTHENTICATED the proof is not by the key
 */
export function checkEnrolRequest({ token, publicKey, proof }: EnrolRequest): void {
  if (token.length > MAX_TOKEN_LENGTH || !TOKEN.test(token))
    throw new VolumeError('INVALID_ARGUMENT', 'token is not a service account token');
  if (!verify('sha256', Buffer.from(token), parsePublicKey(publicKey), proof))
    throw new VolumeError('UNAUTHENTICATED', 'proof is not a signature of the token by the key');
}

function parsePublicKey(der: Buffer): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    // Told below, with what is allowed.
  }
  if (key?.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  throw new VolumeError(
    'INVALID_ARGUMENT',
    'publicKey must be an SPKI (DER) key on the curve P-256',
  );
}
