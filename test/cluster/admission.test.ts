// What do the API server and the webhook refuse, with which sentence, and whom do they leave alone?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';
import { describeAdmission } from './describe-admission.ts';
import { apply, find, remove, type Ref } from './kube.ts';
import { runOk } from './programs.ts';
import { CLAIM_API, Scenario } from './scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.create('admit');
});
afterAll(async () => {
  await scenario.destroy();
});

/** What the API server answers to a claim with these changes. */
async function refusal(changes: Record<string, unknown>): Promise<string> {
  const spec = {
    selector: { matchLabels: { app: 'x' } },
    mountpoint: '/data',
    s3Config: { bucket: 'some-bucket', endpoint: 'https://s3.storage.svc' },
    ...changes,
  };
  try {
    await apply({
      apiVersion: CLAIM_API,
      kind: 'DynamicVolumeClaim',
      metadata: { name: 'refused', namespace: scenario.namespace },
      spec,
    });
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

const s3 = (changes: Record<string, unknown>) => ({
  s3Config: { bucket: 'some-bucket', endpoint: 'https://s3.storage.svc', ...changes },
});

describe('the API server', () => {
  it.each([
    ['an empty selector', { selector: {} }, 'spec.selector: is empty'],
    ['a mountpoint with ..', { mountpoint: '/a/../b' }, 'spec.mountpoint'],
    ['the volume root itself', { mountpoint: '/' }, 'spec.mountpoint'],
    ['a mountpoint with a space', { mountpoint: '/a b' }, 'spec.mountpoint'],
    ['a bucket in capitals', s3({ bucket: 'Bucket' }), 'spec.s3Config.bucket'],
    ['an address as bucket', s3({ bucket: '192.168.5.4' }), 'looks like an IP address'],
    ['an endpoint that is a file', s3({ endpoint: 'file:///etc' }), 'spec.s3Config.endpoint'],
    ['a password in the endpoint', s3({ endpoint: 'https://u:p@h' }), 'spec.s3Config.endpoint'],
    ['an unknown provider', { storageProvider: 'nfs' }, 'storageProvider'],
    ['a number for readOnly', { readOnly: 'yes' }, 'readOnly'],
  ])('refuses %s and names the field', async (_title, changes, sentence) => {
    expect(await refusal(changes)).toContain(sentence);
  });

  it('does not repeat a password in its refusal', async () => {
    expect(await refusal(s3({ endpoint: 'https://u:geheim@h' }))).not.toContain('geheim');
  });

  it('keeps the mountpoint of a claim', async () => {
    const claim = await scenario.claim({ name: 'fixed', selector: { app: 'nobody' } });
    await expect(
      scenario.claim({ name: 'fixed', selector: { app: 'nobody' }, mountpoint: '/other' }),
    ).rejects.toThrow('cannot be changed');
    await claim.delete();
  });

  it.each(['dvc.spec', 'dvc.status', 'spclass.spec'])(
    'explains every field of %s',
    async (path) => {
      const text = await runOk('kubectl', ['explain', '--recursive=false', path]);

      expect(text).not.toContain('<no description>');
      expect(text).toContain('DESCRIPTION');
    },
  );
});

describeAdmission('the webhook');

describe('the webhook', () => {
  it('blocks annotated pods only, while it is dead', async () => {
    const dead = await copyWithoutServer();
    try {
      const annotated = () => scenario.pod({ labels: { app: 'dead' } });
      // The API server learns of a configuration by a watch of its own.
      await waitUntil('the configuration is in force', () =>
        annotated().then(
          () => false,
          () => true,
        ),
      );
      await expect(annotated()).rejects.toThrow(dead.metadata.name);
      await scenario.pod({ labels: { app: 'dead' }, annotated: false });
    } finally {
      await remove(dead);
    }
  });
});

/** The chart's own webhook, for this test's namespace only, at a service that does not exist. */
async function copyWithoutServer(): Promise<Ref> {
  const identity = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
  };
  const original = await find({ ...identity, metadata: { name: 'dynvol' } });
  const webhook = structuredClone(original?.webhooks[0]);
  webhook.clientConfig.service.name = 'nobody';
  webhook.namespaceSelector = {
    matchLabels: { 'kubernetes.io/metadata.name': scenario.namespace },
  };
  const name = `dead-${scenario.namespace}`;
  const copy = {
    ...identity,
    metadata: { name },
    webhooks: [{ ...webhook, name: `${name}.test.invalid` }],
  };
  await apply(copy);
  return { ...identity, metadata: { name } };
}
