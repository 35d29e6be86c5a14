// Is the environment read once, completely, and are its mistakes told at once?
import { expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../../csi-node/config.ts';

test('needs nothing but the name of the node', () => {
  expect(parseConfig({ NODE_NAME: 'node-1' }, '/app')).toMatchObject({
    nodeName: 'node-1',
    csiSocket: '/var/lib/kubelet/plugins/dynamicvolume.csi.cloudnative101.net/csi.sock',
    registrationSocket:
      '/var/lib/kubelet/plugins_registry/dynamicvolume.csi.cloudnative101.net-reg.sock',
    agentListen: '[::]:9810',
    enrolmentAddress: 'dynvol-enrolment.dynvol-system.svc:9814',
    enrolmentDir: '/etc/dynvol/enrolment',
    identityDir: '/run/dynvol/identity',
    healthPort: 9811,
    probeBinary: '/usr/bin/dynvol-probe',
    protoDir: '/app/proto',
    hungMountTimeoutSeconds: 60,
    featuresOff: [],
  });
});

test.each(['0', '-1', '1.5', 'soon'])(
  'refuses a time-out of %s seconds for hung mounts',
  (text) => {
    const parse = () => parseConfig({ NODE_NAME: 'n', HUNG_MOUNT_TIMEOUT_SECONDS: text }, '/');
    expect(parse).toThrow('HUNG_MOUNT_TIMEOUT_SECONDS must be a whole number of seconds');
  },
);

test('refuses a failpoint that no code has', () => {
  expect(() => parseConfig({ NODE_NAME: 'n', FAILPOINT: 'attach: never' }, '/')).toThrow(
    'FAILPOINT must be one of the names of csi-node/failpoints.ts, not "attach: never"',
  );
});

test('lists every problem on one line', () => {
  const wrong = { HEALTH_PORT: 'x', CSI_SOCKET: 'csi.sock', LOG_LEVEL: 'loud' };
  const parse = () => parseConfig({ ...wrong, ENROLMENT_ADDRESS: 'controller' }, '/');
  expect(parse).toThrow(ConfigError);
  expect(parse).toThrow(
    /^NODE_NAME.*HEALTH_PORT.*CSI_SOCKET.*ENROLMENT_ADDRESS must be host:port.*LOG_LEVEL[^\n]*$/,
  );
});
