// What does the certificate of an agent say?
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { BitString, Integer, OctetString, Utf8String } from 'asn1js';
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  Certificate,
  Extension,
  ExtKeyUsage,
  BasicConstraints,
  GeneralName,
  GeneralNames,
  PublicKeyInfo,
} from 'pkijs';
import { buildAgentIdentity } from '../api/names.ts';
import type { Authority } from './authority.ts';

/** How long an agent's certificate is valid: it is renewed at half of it, so the controller may be away for the other half. */
export const CERTIFICATE_LIFETIME_MS = 24 * 60 * 60_000;

const VERSION_3 = 2;
/** Type of a GeneralName (RFC 5280, section 4.2.1.6). */
const DNS_NAME = 2;

const OIDS = {
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/**
 * Signs the certificate of a node's agent. It is good for a server with that name alone: no agent can call another one
 * with it.
 *
 * @param publicKey SPKI in DER form
 * @param lifetimeMs from now; clocks that are behind by up to a 24th of it accept the certificate as well
 * @returns PEM
 */
export async function signCertificate(
  authority: Authority,
  agent: { nodeName: string; publicKey: Buffer },
  lifetimeMs: number = CERTIFICATE_LIFETIME_MS,
): Promise<string> {
  const certificate = new Certificate();
  certificate.version = VERSION_3;
  certificate.serialNumber = new Integer({ valueHex: buildSerialNumber() });
  const issuer = Certificate.fromBER(authority.certificate.raw);
  certificate.issuer = issuer.subject;
  certificate.subject.typesAndValues.push(
    new AttributeTypeAndValue({
      type: OIDS.commonName,
      value: new Utf8String({ value: 'dynvol csi-node' }),
    }),
  );
  const nowMs = Date.now();
  certificate.notBefore.value = new Date(nowMs - lifetimeMs / 24);
  certificate.notAfter.value = new Date(nowMs + lifetimeMs);
  certificate.subjectPublicKeyInfo = PublicKeyInfo.fromBER(agent.publicKey);
  certificate.extensions = buildExtensions(buildAgentIdentity(agent.nodeName), issuer);
  await certificate.sign(await importKey(authority.key), 'SHA-256');
  return new X509Certificate(Buffer.from(certificate.toSchema().toBER())).toString();
}

/** Positive, 127 random bits, in the shortest form. */
function buildSerialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8() & 0x3f) | 0x40);
  return bytes;
}

function buildExtensions(name: string, issuer: Certificate): Extension[] {
  const names = new GeneralNames({ names: [new GeneralName({ type: DNS_NAME, value: name })] });
  // digitalSignature alone.
  const keyUsage = new BitString({ unusedBits: 7, valueHex: new Uint8Array([0x80]) });
  const usage = new ExtKeyUsage({ keyPurposes: [OIDS.serverAuth] });
  const noAuthority = new BasicConstraints({ cA: false });
  const build = (extnID: string, critical: boolean, value: { toBER(): ArrayBuffer }) =>
    new Extension({ extnID, critical, extnValue: value.toBER() });
  return [
    build(OIDS.basicConstraints, true, noAuthority.toSchema()),
    build(OIDS.keyUsage, true, keyUsage),
    build(OIDS.extKeyUsage, false, usage.toSchema()),
    build(OIDS.subjectAltName, false, names.toSchema()),
    ...findKeyIdentifier(issuer).map((keyIdentifier) => {
      const identifier = new AuthorityKeyIdentifier({ keyIdentifier });
      return build(OIDS.authorityKeyIdentifier, false, identifier.toSchema());
    }),
  ];
}

/** Tells apart authorities of one name, as a renewed one and its predecessor are; not every authority has one. */
function findKeyIdentifier({ extensions = [] }: Certificate): OctetString[] {
  const found = extensions.find(({ extnID }) => extnID === OIDS.subjectKeyIdentifier)?.parsedValue;
  return found instanceof OctetString ? [found] : [];
}

async function importKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: 'P-256' };
  const der = key.export({ format: 'der', type: 'pkcs8' });
  return await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}
