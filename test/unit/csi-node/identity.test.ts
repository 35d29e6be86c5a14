// Which certificates does the agent take, and what does it keep?
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Expected,
  loadIdentity,
  parseIdentity,
  saveIdentity,
} from '../../../csi-node/identity.ts';
import { signCertificate } from '../../../enrolment/sign-certificate.ts';
import { aKeyPair, openAuthority } from '../../builders/enrolment.ts';
import { Authority } from '../../node/certificates.ts';

const HOUR_MS = 3_600_000;

let dir: string;
let authority: Authority;
let expected: Expected;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dynvol-identity-'));
  authority = await Authority.make(dir);
  const caCertificate = readFileSync(authority.certificate, 'utf8');
  expected = { nodeName: 'node1', caCertificate };
});
afterAll(() => rmSync(dir, { recursive: true }));

async function sign(change: { nodeName?: string; by?: Authority; lifetimeMs?: number } = {}) {
  const { nodeName = 'node1', by = authority, lifetimeMs } = change;
  const { publicKey, privateKey } = aKeyPair();
  const agent = { nodeName, publicKey };
  return { certificate: await signCertificate(openAuthority(by), agent, lifetimeMs), privateKey };
}

describe('parseIdentity', () => {
  test('knows when the certificate ends, and half of its life', async () => {
    const { renewAtMs, expiresAtMs } = parseIdentity(await sign(), expected);

    expect(Math.abs(expiresAtMs - Date.now() - 24 * HOUR_MS)).toBeLessThan(60_000);
    expect(Math.abs(expiresAtMs - renewAtMs - 12.5 * HOUR_MS)).toBeLessThan(60_000);
  });

  test.for([
    ['of another node', () => sign({ nodeName: 'node2' }), 'node2.csi-node.dynvol, not for node1'],
    ['of a node below ours', () => sign({ nodeName: 'a.node1' }), 'not for node1'],
    ['that has expired', () => sign({ lifetimeMs: 1 }), 'expired on 2'],
    [
      'of a foreign authority of the same name',
      async () => sign({ by: await Authority.make(mkdtempSync(join(dir, 'foreign-'))) }),
      'is not signed by the authority in ca.crt',
    ],
    [
      'of another key',
      async () => ({ ...(await sign()), privateKey: aKeyPair().privateKey }),
      'belongs to another key',
    ],
    ['that is none', async () => ({ certificate: 'x', privateKey: 'x' }), ''],
  ] as const)('refuses one %s', async ([, make, told]) => {
    const pem = await make();
    expect(() => parseIdentity(pem, expected)).toThrow(told);
  });
});

describe('a stored identity', () => {
  test('is found again as it was', async () => {
    const folder = join(dir, 'kept');
    const identity = parseIdentity(await sign(), expected);

    saveIdentity(folder, identity);
    saveIdentity(folder, identity);

    const { renewAtMs, expiresAtMs } = identity;
    expect(loadIdentity(folder, expected)).toMatchObject({ renewAtMs, expiresAtMs });
    expect(readdirSync(folder)).toEqual(['identity.pem']);
    expect(statSync(join(folder, 'identity.pem')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  test('need not be there', () => {
    expect(loadIdentity(join(dir, 'nowhere'), expected)).toBeUndefined();
  });

  test('is checked again: half a file is an error', async () => {
    const folder = mkdtempSync(join(dir, 'half-'));
    const { certificate } = await sign();
    writeFileSync(join(folder, 'identity.pem'), certificate);

    expect(() => loadIdentity(folder, expected)).toThrow('unsupported');
  });
});
