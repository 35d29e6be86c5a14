// When does a certificate expire?
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Sample } from './registry.ts';

type Expiry = Sample<'dynvol_certificate_expiry_timestamp_seconds'>;

/** Reads a file that is used as it is now. None when it is not there or is no certificate. */
export function readExpiry(certificate: string, path: string): Expiry[] {
  try {
    return [buildExpiry(certificate, readFileSync(path))];
  } catch {
    return []; // whoever uses the file tells what is wrong with it
  }
}

/**
 * @param pem what the process has loaded, whatever the file may hold by now
 * @throws Error it is no certificate
 */
export function buildExpiry(certificate: string, pem: Buffer): Expiry {
  const { validToDate } = new X509Certificate(pem);
  return { labels: { certificate }, value: validToDate.getTime() / 1_000 };
}
