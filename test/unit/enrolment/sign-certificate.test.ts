// What is an agent's certificate good for?
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAuthority } from '../../../enrolment/authority.ts';
import { signCertificate } from '../../../enrolment/sign-certificate.ts';
import { aKeyPair, openAuthority } from '../../builders/enrolment.ts';
import { Authority } from '../../node/certificates.ts';
import { run, runOrFail } from '../../node/processes.ts';

const DAY_MS = 24 * 60 * 60_000;

let dir: string;
let made: Authority;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dynvol-signing-'));
  made = await Authority.make(dir);
});
afterAll(() => rmSync(dir, { recursive: true }));

async function sign(lifetimeMs?: number): Promise<X509Certificate> {
  const { publicKey } = aKeyPair();
  const agent = { nodeName: 'node1', publicKey };
  return new X509Certificate(await signCertificate(openAuthority(made), agent, lifetimeMs));
}

/** OpenSSL's opinion, for a purpose (`sslserver`, `sslclient`). */
async function verify(certificate: X509Certificate, purpose: string, ca = made.certificate) {
  const file = join(dir, 'checked.crt');
  writeFileSync(file, certificate.toString());
  const args = ['verify', '-purpose', purpose, '-CAfile', ca, file];
  return (await run('openssl', args)).status;
}

describe('the certificate of an agent', () => {
  it('is for a server with the name of its node, and for nothing else', async () => {
    const certificate = await sign();

    expect(certificate.subjectAltName).toBe('DNS:node1.csi-node.dynvol');
    expect(await verify(certificate, 'sslserver')).toBe(0);
    expect(await verify(certificate, 'sslclient')).not.toBe(0);
    expect(certificate.ca).toBe(false);
  });

  it('bears the key that was asked for', async () => {
    const { publicKey, privateKey } = aKeyPair();
    const agent = { nodeName: 'node1', publicKey };

    const pem = await signCertificate(openAuthority(made), agent);

    const { publicKey: borne } = new X509Certificate(pem);
    expect(borne.export({ type: 'spki', format: 'der' })).toEqual(publicKey);
    expect(pem).not.toContain(privateKey.split('\n')[1]);
  });

  it('is valid for a day, also for a clock that is half an hour behind', async () => {
    const { validFromDate, validToDate } = await sign();

    expect(Math.abs(Number(validToDate) - Date.now() - DAY_MS)).toBeLessThan(60_000);
    expect(Number(validFromDate)).toBeLessThan(Date.now() - DAY_MS / 48);
  });

  it('has a serial number of its own, positive and of 16 bytes', async () => {
    const serials = await Promise.all(Array.from({ length: 20 }, () => sign()));

    const numbers = serials.map(({ serialNumber }) => serialNumber);
    expect(new Set(numbers).size).toBe(20);
    for (const number of numbers) expect(number).toMatch(/^[4-7][0-9A-F]{31}$/);
  });

  it('is not signed by a namesake of the authority', async () => {
    const foreignDir = mkdtempSync(join(dir, 'foreign-'));
    const foreign = await Authority.make(foreignDir);

    expect(await verify(await sign(), 'sslserver', foreign.certificate)).not.toBe(0);
  });

  it('is signed by an authority with an RSA key as well, which is what Helm makes', async () => {
    const rsa = mkdtempSync(join(dir, 'rsa-'));
    const file = (name: string) => join(rsa, name);
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    writeFileSync(file('tls.key'), privateKey);
    const how = ['-key', file('tls.key'), '-out', file('tls.crt'), '-subj', '/CN=dynvol'];
    await runOrFail('openssl', ['req', '-x509', '-new', '-days', '2', ...how]);
    const agent = { nodeName: 'node1', publicKey: aKeyPair().publicKey };

    const certificate = new X509Certificate(await signCertificate(readAuthority(rsa), agent));

    expect(await verify(certificate, 'sslserver', file('tls.crt'))).toBe(0);
    writeFileSync(file('tls.key'), aKeyPair().privateKey);
    expect(() => readAuthority(rsa)).toThrow('is not the key of the certificate authority');
  });
});
