// When does a certificate in a file expire?
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Sample } from './registry.ts';

type Expiry = Sample<'dynvol_certificate_expiry_timestamp_seconds'>;

/** Reads the file anew, because it may have been replaced. None when it is not there or is no certificate. */
export function readExpiry(certificate: string, path: string): Expiry[] {
  try {
    const { validToDate } = new X509Certificate(readFileSync(path));
    return [{ labels: { certificate }, value: validToDate.getTime() / 1_000 }];
  } catch {
    return []; // whoever uses the file tells what is wrong with it
  }
}
