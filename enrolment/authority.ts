// With which key are agents' certificates signed?
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate authority: the chart's, with an RSA key, or one on the curve P-256. */
export interface Authority {
  certificate: X509Certificate;
  key: KeyObject;
}

/**
 * Reads `tls.crt` and `tls.key` of a directory.
 * @throws Error they cannot be read, or do not belong together
 */
export function readAuthority(dir: string): Authority {
  const certificate = new X509Certificate(readFileSync(join(dir, 'tls.crt')));
  const key = createPrivateKey(readFileSync(join(dir, 'tls.key')));
  if (!certificate.checkPrivateKey(key))
    throw new Error(`tls.key in ${dir} is not the key of the certificate authority in tls.crt`);
  return { certificate, key };
}
