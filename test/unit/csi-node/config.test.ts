// Is the environment read once, completely, and are its mistakes told at once?
import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../../csi-node/config.ts';

test('needs nothing but the name of the node', () => {
  expect(parseConfig({ NODE_NAME: 'node-1' }, '/app')).toMatchObject({
    nodeName: 'node-1',
    csiSocket: '/var/lib/kubelet/plugins/dynamicvolume.csi.cloudnative101.net/csi.sock',
    registrationSocket:
      '/var/lib/kubelet/plugins_registry/dynamicvolume.csi.cloudnative101.net-reg.sock',
    agentListen: '0.0.0.0:9810',
    tlsDir: '/etc/dynvol/tls',
    healthPort: 9811,
    probeBinary: '/usr/bin/dynvol-probe',
    protoDir: '/app/proto',
    featuresOff: [],
  });
});

test('lists every problem on one line', () => {
  const parse = () =>
    parseConfig({ HEALTH_PORT: 'x', CSI_SOCKET: 'csi.sock', LOG_LEVEL: 'loud' }, '/');
  expect(parse).toThrow(ConfigError);
  expect(parse).toThrow(/^NODE_NAME.*HEALTH_PORT.*CSI_SOCKET.*LOG_LEVEL[^\n]*$/);
});
