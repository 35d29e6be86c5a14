// Which certificate does this agent have, and is it of use?
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAgentIdentity } from '../api/names.ts';

/** A certificate and its key, both PEM. */
export interface Identity {
  certificate: string;
  privateKey: string;
  /** Since the epoch. */
  renewAtMs: number;
  expiresAtMs: number;
}

/** What a certificate must fit. */
export interface Expected {
  nodeName: string;
  /** PEM. */
  caCertificate: string;
}

/** One file, so that certificate and key are replaced together. */
const FILE = 'identity.pem';

/**
 * Checks a certificate as the controller will.
 * @throws Error it is malformed, expired, of another authority, of another node, or of another key
 */
export function parseIdentity(
  pem: { certificate: string; privateKey: string },
  { nodeName, caCertificate }: Expected,
): Identity {
  const certificate = new X509Certificate(pem.certificate);
  const problem = findProblem(certificate, createPrivateKey(pem.privateKey), {
    name: buildAgentIdentity(nodeName),
    authority: new X509Certificate(caCertificate),
  });
  if (problem !== undefined) throw new Error(`The certificate ${problem}`);
  const expiresAtMs = Number(certificate.validToDate);
  return { ...pem, renewAtMs: (Number(certificate.validFromDate) + expiresAtMs) / 2, expiresAtMs };
}

function findProblem(
  certificate: X509Certificate,
  key: KeyObject,
  expected: { name: string; authority: X509Certificate },
): string | undefined {
  const { name, authority } = expected;
  if (!certificate.checkIssued(authority) || !certificate.verify(authority.publicKey))
    return 'is not signed by the authority in ca.crt';
  if (certificate.checkHost(name, { subject: 'never' }) === undefined)
    return `is for ${certificate.subjectAltName ?? 'no name'}, not for ${name}`;
  if (!certificate.checkPrivateKey(key)) return 'belongs to another key';
  if (Number(certificate.validToDate) <= Date.now())
    return `expired on ${certificate.validToDate.toISOString()}`;
  return undefined;
}

/**
 * Reads what {@link saveIdentity} wrote; undefined when there is nothing.
 * @throws Error see {@link parseIdentity}
 */
export function loadIdentity(dir: string, expected: Expected): Identity | undefined {
  const text = readIfThere(join(dir, FILE));
  if (text === undefined) return undefined;
  // Each of the two finds its own part of the file.
  return parseIdentity({ certificate: text, privateKey: text }, expected);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Keeps an identity for the next start of this container; only root may read it. */
export function saveIdentity(dir: string, { certificate, privateKey }: Identity): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, FILE);
  writeFileSync(`${path}.new`, `${certificate.trimEnd()}\n${privateKey}`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
