// Where is Temporal, as a person or the controller says it?
import { describe, expect, it } from 'vitest';
import {
  parseServiceName,
  readControllerSettings,
  readTemporalSettings,
  splitAddress,
} from '../../../cli/temporal-settings.ts';

describe('readTemporalSettings', () => {
  it.each([
    ['nothing', {}, {}],
    ['an empty variable as none', { TEMPORAL_ADDRESS: '' }, {}],
    [
      'address and namespace',
      { TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_NAMESPACE: 'dynvol' },
      { address: 'temporal:7233', namespace: 'dynvol' },
    ],
    ['an API key, which goes over TLS', { TEMPORAL_API_KEY: 'key' }, { apiKey: 'key', tls: {} }],
    [
      'an API key without TLS',
      { TEMPORAL_API_KEY: 'key', TEMPORAL_TLS: 'false' },
      { apiKey: 'key' },
    ],
    ['TLS alone', { TEMPORAL_TLS: 'true' }, { tls: {} }],
    [
      'certificates in files',
      {
        TEMPORAL_TLS_CLIENT_CERT_PATH: 'c.pem',
        TEMPORAL_TLS_CLIENT_KEY_PATH: 'k.pem',
        TEMPORAL_TLS_SERVER_CA_CERT_PATH: 'ca.pem',
        TEMPORAL_TLS_SERVER_NAME: 'temporal',
      },
      {
        tls: {
          clientCertificate: { file: 'c.pem' },
          clientKey: { file: 'k.pem' },
          serverCa: { file: 'ca.pem' },
          serverName: 'temporal',
        },
      },
    ],
    [
      'certificates in variables',
      { TEMPORAL_TLS_CLIENT_CERT_DATA: 'C', TEMPORAL_TLS_CLIENT_KEY_DATA: 'K' },
      { tls: { clientCertificate: { data: 'C' }, clientKey: { data: 'K' } } },
    ],
    [
      'the names of older versions',
      { TEMPORAL_TLS_CERT: 'c.pem', TEMPORAL_TLS_KEY: 'k.pem', TEMPORAL_TLS_CA_DATA: 'A' },
      {
        tls: {
          clientCertificate: { file: 'c.pem' },
          clientKey: { file: 'k.pem' },
          serverCa: { data: 'A' },
        },
      },
    ],
  ])('takes %s', (_what, environment, settings) => {
    expect(readTemporalSettings({}, environment)).toEqual(settings);
  });

  it('prefers the flag', () => {
    const settings = readTemporalSettings(
      { temporalAddress: '127.0.0.1:7233' },
      { TEMPORAL_ADDRESS: 'other:7233' },
    );

    expect(settings.address).toBe('127.0.0.1:7233');
  });

  it.each([
    ['an address without a port', { TEMPORAL_ADDRESS: 'temporal' }, 'give it as host:port'],
    ['a certificate without its key', { TEMPORAL_TLS_CERT: 'c.pem' }, 'belong together'],
    [
      'TLS that checks nothing',
      { TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: 'true' },
      'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
    ],
  ])('refuses %s', (_what, environment, says) => {
    expect(() => readTemporalSettings({}, environment)).toThrow(says);
  });
});

describe('readControllerSettings', () => {
  const deployment = (env: { name: string; value?: string }[]) => ({
    spec: { template: { spec: { containers: [{ env }] } } },
  });

  it.each([
    [[], {}],
    [
      [
        { name: 'TEMPORAL_ADDRESS', value: 'temporal:7233' },
        { name: 'TEMPORAL_NAMESPACE', value: 'dynvol' },
      ],
      { address: 'temporal:7233', namespace: 'dynvol' },
    ],
    [[{ name: 'TEMPORAL_TLS_DIR', value: '/etc/tls' }], { tls: {} }],
    [[{ name: 'TEMPORAL_TLS_SERVER_NAME', value: 'cloud' }], { tls: { serverName: 'cloud' } }],
    [[{ name: 'TEMPORAL_ADDRESS' }], {}],
  ])('reads the environment of the controller %#', (env, settings) => {
    expect(readControllerSettings(deployment(env))).toEqual(settings);
  });
});

describe('parseServiceName', () => {
  it.each([
    ['temporal', { service: 'temporal', namespace: 'own' }],
    ['frontend.temporal', { service: 'frontend', namespace: 'temporal' }],
    ['frontend.temporal.svc', { service: 'frontend', namespace: 'temporal' }],
    ['frontend.temporal.svc.cluster.local', { service: 'frontend', namespace: 'temporal' }],
  ])('takes %s for a Service', (host, name) => {
    expect(parseServiceName(host, 'own')).toEqual(name);
  });

  it.each(['localhost', '10.0.0.1', 'a.b.tmprl.cloud', '::1'])('takes %s for none', (host) => {
    expect(parseServiceName(host, 'own')).toBeUndefined();
  });
});

describe('splitAddress', () => {
  it.each([
    ['temporal:7233', { host: 'temporal', port: 7_233 }],
    ['[::1]:7233', { host: '::1', port: 7_233 }],
  ])('splits %s', (address, parts) => {
    expect(splitAddress(address)).toEqual(parts);
  });
});
