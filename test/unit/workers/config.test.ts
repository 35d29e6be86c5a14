// Is a wrong environment told in full, and on one line?
import { describe, expect, it } from 'vitest';
import {
  ControllerEnvironment,
  parseEnvironment,
  WebhookEnvironment,
} from '../../../workers/config.ts';

const GIVEN = {
  TEMPORAL_ADDRESS: 'temporal-frontend.temporal.svc:7233',
  MOUNT_POD_IMAGE: 'dynvol/mount-pod:1',
};

describe('parseEnvironment', () => {
  it('fills in what is not given', () => {
    expect(parseEnvironment(ControllerEnvironment, GIVEN)).toEqual({
      ...GIVEN,
      TEMPORAL_NAMESPACE: 'default',
      AGENT_TLS_DIR: '/etc/dynvol/agent-tls',
      AUTHORITY_DIR: '/etc/dynvol/authority',
      WORKFLOW_BUNDLE: '/app/workflow-bundle.js',
      CONSOLE_FILES: '/app/console',
      HEALTH_PORT: 9812,
      LOG_LEVEL: 'info',
      LOG_LEVEL_FILE: '',
    });
    expect(parseEnvironment(WebhookEnvironment, {}).PORT).toBe(9443);
  });

  it('takes an empty variable as unset', () => {
    const given = { ...GIVEN, TEMPORAL_UI_URL: '', TRUSTED_CA_CONFIG_MAP: '', HEALTH_PORT: '' };

    expect(parseEnvironment(ControllerEnvironment, given)).toEqual(
      parseEnvironment(ControllerEnvironment, GIVEN),
    );
  });

  it('reads how Temporal is reached, when to pull, and with which Secrets', () => {
    const given = {
      ...GIVEN,
      TEMPORAL_TLS: 'true',
      MOUNT_POD_PULL_POLICY: 'Never',
      MOUNT_POD_PULL_SECRETS: 'a,b',
    };

    expect(parseEnvironment(ControllerEnvironment, given)).toMatchObject({
      TEMPORAL_TLS: true,
      MOUNT_POD_PULL_POLICY: 'Never',
      MOUNT_POD_PULL_SECRETS: ['a', 'b'],
    });
  });

  it('names every problem on one line', () => {
    const given = {
      TEMPORAL_ADDRESS: 'nowhere',
      HEALTH_PORT: '70000',
      LOG_LEVEL: 'loud',
      TEMPORAL_UI_URL: 'ftp://x',
    };
    const parse = () => parseEnvironment(ControllerEnvironment, given);

    expect(parse).toThrow(
      /^(?=.*TEMPORAL_ADDRESS: must be host:port)(?=.*TEMPORAL_UI_URL)(?=.*MOUNT_POD_IMAGE)(?=.*HEALTH_PORT)(?=.*LOG_LEVEL)[^\n]*$/,
    );
  });
});
