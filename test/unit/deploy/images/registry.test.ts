import { describe, expect, it } from 'vitest';
import { describePushFailure, parseRegistry } from '../../../../deploy/images/registry.ts';

describe('parseRegistry()', () => {
  it.each([
    ['registry.example.com', 'registry.example.com'],
    ['127.0.0.1:5000/', '127.0.0.1:5000'],
    ['registry.example.com:443/team/storage', 'registry.example.com:443/team/storage'],
  ])('takes %s', (given, address) => {
    expect(parseRegistry(given, undefined)).toEqual({ address, tlsVerify: true });
  });

  it.each([
    '',
    '/',
    'https://registry.example.com',
    'docker://x',
    'Registry/Team',
    'x:tag',
    'a//b',
  ])('refuses %j', (given) => {
    expect(() => parseRegistry(given, undefined)).toThrow(
      `--push: ${JSON.stringify(given)} must be host[:port][/path]`,
    );
  });

  it.each([
    ['true', true],
    ['false', false],
  ])('takes --tls-verify=%s', (given, tlsVerify) => {
    expect(parseRegistry('x', given).tlsVerify).toBe(tlsVerify);
  });

  it.each(['', 'no'])('refuses --tls-verify=%s', (given) => {
    expect(() => parseRegistry('x', given)).toThrow('must be true or false');
  });
});

describe('describePushFailure()', () => {
  const registry = { address: 'reg.example.com:5000/team', tlsVerify: true };
  const name = 'reg.example.com:5000/team/dynvol/webhook:0.1.0';
  const fatal = (message: string) =>
    `"skopeo copy" ended with status 1\ntime="2026-11-22T00:00:00Z" level=fatal msg=${JSON.stringify(message)}`;
  const ping =
    'trying to reuse blob sha256:ab at destination: pinging container registry reg.example.com:5000: Get "https://reg.example.com:5000/v2/": ';

  it.each([
    [
      `${ping}dial tcp 10.0.0.1:5000: connect: connection refused`,
      'The registry "reg.example.com:5000" cannot be reached: connect: connection refused',
    ],
    [
      `${ping}dial tcp: lookup reg.example.com: no such host`,
      'The registry "reg.example.com:5000" cannot be reached: lookup reg.example.com: no such host',
    ],
    [
      `${ping}http: server gave HTTP response to HTTPS client`,
      'The registry "reg.example.com:5000" speaks HTTP and not HTTPS: add --tls-verify=false if that is meant',
    ],
    [
      `${ping}x509: certificate signed by unknown authority`,
      'The certificate of the registry "reg.example.com:5000" is not trusted (x509: certificate signed by unknown authority): trust its authority on this machine, or add --tls-verify=false',
    ],
    [
      'trying to reuse blob sha256:ab at destination: checking whether a blob sha256:ab exists in reg.example.com:5000/team/dynvol/webhook: unauthorized: authentication required',
      `The registry "reg.example.com:5000" refuses "${name}" (unauthorized: authentication required): log in with "skopeo login reg.example.com:5000", or ask who runs it for the right to push`,
    ],
    [
      'writing blob: initiating layer upload to /v2/team/dynvol/webhook/blobs/uploads/: denied: requested access to the resource is denied',
      `The registry "reg.example.com:5000" refuses "${name}" (denied: requested access to the resource is denied): log in with "skopeo login reg.example.com:5000", or ask who runs it for the right to push`,
    ],
    [
      'writing manifest: uploading manifest 0.1.0: manifest invalid',
      `"${name}" could not be pushed to "reg.example.com:5000/team": writing manifest: uploading manifest 0.1.0: manifest invalid`,
    ],
  ])('%s', (said, sentence) => {
    expect(describePushFailure(registry, name, fatal(said))).toBe(sentence);
  });

  it('repeats the last line when it is no message of skopeo', () => {
    expect(describePushFailure(registry, name, 'spawn skopeo ENOENT')).toContain(
      ': spawn skopeo ENOENT',
    );
  });
});
