// Is a Secret judged without ever telling what is in it?
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { VolumeError } from '../../../api/errors.ts';
import { readS3Credentials } from '../../../activities/credentials.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';

const [certificate = ''] = rootCertificates;
const secret = { namespace: 'default', name: 'keys' };
const good = { 'access-key-id': 'AKIAEXAMPLE', 'secret-access-key': 'wJalr/XUtnFEMI+K7MDENG=' };

function read(values: Record<string, string> | undefined) {
  const cluster = new FakeCluster();
  if (values) cluster.secrets.set('default/keys', values);
  return readS3Credentials(cluster, secret);
}

describe('readS3Credentials', () => {
  it('reads both keys', async () => {
    expect(await read(good)).toEqual({
      accessKeyId: 'AKIAEXAMPLE',
      secretAccessKey: 'wJalr/XUtnFEMI+K7MDENG=',
      sessionToken: '',
      caCert: '',
    });
  });

  it('reads a session token and certificates when there are any', async () => {
    const caCert = `# our own\n${certificate}\n${certificate}\n`;

    expect(
      await read({ ...good, 'session-token': 'FwoGZXIvYXdz', 'ca.crt': caCert }),
    ).toMatchObject({
      sessionToken: 'FwoGZXIvYXdz',
      caCert,
    });
  });

  it('names a Secret that does not exist', async () => {
    await expect(read(undefined)).rejects.toThrow(/Secret default\/keys does not exist/);
  });

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    ['a missing key', { 'secret-access-key': undefined }, /"secret-access-key" is missing/],
    ['an empty key', { 'access-key-id': '' }, /"access-key-id" is empty/],
    [
      'a line break',
      { 'secret-access-key': 'hidden\n' },
      /"secret-access-key" contains white space/,
    ],
    ['a blank', { 'access-key-id': 'hid den' }, /"access-key-id" contains white space/],
    ['a file', { 'access-key-id': 'hidden'.repeat(2_000) }, /"access-key-id" is longer than/],
    ['an empty token', { 'session-token': '' }, /"session-token" is empty/],
    ['a broken token', { 'session-token': 'hid\n' }, /"session-token" contains white space/],
    ['no certificate', { 'ca.crt': '' }, /"ca.crt" contains no PEM certificate/],
    ['text as certificate', { 'ca.crt': 'hidden' }, /"ca.crt" contains no PEM certificate/],
    [
      'a broken certificate',
      { 'ca.crt': `${certificate}\n${certificate.replace('MII', 'bad')}` },
      /"ca.crt" contains as certificate 2 something that is none/,
    ],
    [
      'a private key beside the certificate',
      { 'ca.crt': `${certificate}\n-----BEGIN PRIVATE KEY-----\nhidden\n` },
      /"ca.crt" contains something other than certificates/,
    ],
    [
      'a whole trust store',
      { 'ca.crt': rootCertificates.join('\n') },
      /"ca.crt" is longer than 65536 characters/,
    ],
    ['binary', { 'access-key-id': 'hidden\u0000' }, /"access-key-id" contains characters/],
  ])('refuses %s by the name of its key', async (_what, change, message) => {
    const values = Object.entries({ ...good, ...change }).filter(
      ([, value]) => value !== undefined,
    );

    const error = await read(Object.fromEntries(values) as Record<string, string>).catch(
      (thrown: unknown) => thrown,
    );

    expect(error).toBeInstanceOf(VolumeError);
    expect(error).toMatchObject({
      code: 'SECRET_INVALID',
      message: expect.stringMatching(message),
    });
    expect(String(error)).not.toMatch(/hid|AKIA|wJalr/);
  });
});
