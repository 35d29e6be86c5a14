// Do agent, activities, workflow and entry points refuse what must never have come so far?
import { describe, expect, it } from 'vitest';
import { readS3Credentials } from '../../../activities/credentials.ts';
import { SECRET_KEYS } from '../../../api/names.ts';
import { checkAttachRequest } from '../../../csi-node/agent-request.ts';
import { parseConfig } from '../../../csi-node/config.ts';
import { parsePublishRequest } from '../../../csi-node/publish-request.ts';
import {
  ControllerEnvironment,
  parseEnvironment,
  WebhookEnvironment,
} from '../../../workers/config.ts';
import { validateCommand } from '../../../workflows/commands.ts';
import {
  GOOD_ATTACHMENT,
  GOOD_PUBLISH,
  KUBELET_DIR,
  REFUSED_PUBLISHES,
} from '../../bad-input/agent-cases.ts';
import { REFUSED_CLAIMS } from '../../bad-input/claim-cases.ts';
import { REFUSED_COMMANDS } from '../../bad-input/command-cases.ts';
import { REFUSED_CONFIGS } from '../../bad-input/config-cases.ts';
import { REFUSED_SECRETS } from '../../bad-input/secret-cases.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import type { DynamicVolumeClaimSpec } from '../../../api/dynamic-volume-claim.ts';

const refusedSpecs = REFUSED_CLAIMS.map(({ row, title, object }) => ({
  row,
  title,
  spec: object['spec'] as DynamicVolumeClaimSpec,
}));
const attach = (change: Partial<typeof GOOD_ATTACHMENT>) => () =>
  checkAttachRequest({
    claim: { namespace: 'shop', name: 'pictures', uid: 'c', generation: 1 },
    attachments: [{ ...GOOD_ATTACHMENT, ...change }],
    replacedMountPods: [],
    vanishedClaimUids: [],
  });

describe('the agent', () => {
  it('takes a good request, so that the others are refused for their fault', () => {
    expect(attach({})).not.toThrow();
    expect(() => parsePublishRequest(GOOD_PUBLISH, KUBELET_DIR)).not.toThrow();
  });

  it.each(refusedSpecs.filter(({ row, spec }) => row <= 15 && typeof spec.mountpoint === 'string'))(
    'row $row: refuses $title',
    ({ spec: { mountpoint } }) => {
      const [target] = GOOD_ATTACHMENT.targets;

      expect(attach({ targets: [{ ...target!, mountpoint }] })).toThrow(
        'mountpoint is not a path below the volume root',
      );
    },
  );

  it.each(refusedSpecs.filter(({ row }) => row >= 41 && row <= 45))(
    'row $row: refuses $title, and does not repeat it',
    ({ spec: { s3Config } }) => {
      const { prefix = '', endpoint } = s3Config;

      expect(attach({ s3: { ...GOOD_ATTACHMENT.s3, endpoint, prefix } })).toThrow(
        /^s3\.(endpoint must be http\(s\):\/\/host\[:port\]|prefix must be a path of a bucket without slashes at its ends)$/,
      );
    },
  );

  it.each(REFUSED_PUBLISHES)('row $row: refuses to publish with $title', ({ change, message }) => {
    const publish = () => parsePublishRequest({ ...GOOD_PUBLISH, ...change }, KUBELET_DIR);

    expect(publish).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }));
  });
});

describe('a Secret', () => {
  it.each(REFUSED_SECRETS)('row $row: is refused with $title', async ({ value, message }) => {
    const cluster = new FakeCluster();
    const values = { [SECRET_KEYS.accessKeyId]: 'a', [SECRET_KEYS.secretAccessKey]: value };
    cluster.secrets.set('shop/keys', values as Record<string, string>);

    const read = readS3Credentials(cluster, { namespace: 'shop', name: 'keys' });

    await expect(read).rejects.toMatchObject({ code: 'SECRET_INVALID', message });
  });
});

describe('a workflow', () => {
  it.each(REFUSED_COMMANDS)('row $row: refuses $kind with $argument', (command) => {
    const facts = { steering: { remounts: 0 }, deleting: false, unknown: false };

    expect(validateCommand(command.kind, command.argument, facts)).toBe(command.message);
  });
});

describe('a program', () => {
  const parsers = {
    'csi-node': (environment: Record<string, string>) => parseConfig(environment, '/app'),
    controller: (environment: Record<string, string>) =>
      parseEnvironment(ControllerEnvironment, environment),
    webhook: (environment: Record<string, string>) =>
      parseEnvironment(WebhookEnvironment, environment),
  };

  it.each(REFUSED_CONFIGS)(
    'row $row: $program does not start with $environment',
    ({ program, environment, message }) => {
      expect(() => parsers[program](environment)).toThrow(expect.objectContaining({ message }));
    },
  );
});
