// Does every failure say its reason in time, heal by itself when mended, and leave nothing behind?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';
import { removeAndWait } from './kube.ts';
import { expectNothingLeft } from './nothing-left.ts';
import { bucketExists, createBucket } from './s3.ts';
import {
  HEAL_MS,
  ROOT_PATH,
  Scenario,
  stackKeys,
  type Claim,
  type ClaimOptions,
} from './scenario.ts';

interface Failure {
  title: string;
  claim?: (scenario: Scenario) => ClaimOptions;
  /** Makes it wrong before the claim is applied. */
  spoil?: (scenario: Scenario) => Promise<void>;
  reason: string;
  /** What the message must name. */
  says: (scenario: Scenario) => string;
  mend: (scenario: Scenario) => Promise<unknown>;
}

const failures: Failure[] = [
  {
    title: 'keys that the server does not know',
    spoil: (scenario) =>
      scenario.secret({ 'access-key-id': 'nobody', 'secret-access-key': 'wrongwrong' }),
    reason: 'CredentialsRejected',
    says: () => 'keys',
    mend: (scenario) => scenario.secret(),
  },
  {
    title: 'a secret key that does not fit',
    spoil: (scenario) =>
      scenario.secret({ ...stackKeys(), 'secret-access-key': 'not-the-secret-at-all' }),
    reason: 'CredentialsRejected',
    says: () => 'keys',
    mend: (scenario) => scenario.secret(),
  },
  {
    title: 'a missing bucket',
    claim: (scenario) => ({ bucket: `${scenario.bucket}-missing` }),
    reason: 'BucketNotFound',
    says: (scenario) => `${scenario.bucket}-missing`,
    mend: async (scenario) => {
      expect(await bucketExists(`${scenario.bucket}-missing`)).toBe(false);
      await createBucket(`${scenario.bucket}-missing`);
      await scenario.putBucketText(`${scenario.bucket}-missing`, 'hello.txt', 'hello\n');
    },
  },
  {
    title: 'an endpoint where nothing listens',
    claim: () => ({ endpoint: 'http://s3.storage.svc:81' }),
    reason: 'EndpointUnreachable',
    says: () => 's3.storage.svc:81',
    mend: (scenario) => scenario.claim(),
  },
  {
    title: 'a certificate that nobody vouches for',
    claim: () => ({ endpoint: 'https://dynvol-webhook.dynvol-system.svc' }),
    reason: 'TLSVerifyFailed',
    says: () => 'dynvol-webhook.dynvol-system.svc',
    mend: (scenario) => scenario.claim(),
  },
  {
    title: 'a missing Secret',
    spoil: (scenario) => removeAndWait(scenario.secretRef()),
    reason: 'SecretMissing',
    says: (scenario) => scenario.namespace,
    mend: (scenario) => scenario.secret(),
  },
  {
    title: 'a Secret without one of its keys',
    spoil: (scenario) => scenario.secret({ 'access-key-id': 'only-this-one' }),
    reason: 'SecretInvalid',
    says: () => 'secret-access-key',
    mend: (scenario) => scenario.secret(),
  },
  {
    title: 'a class that does not exist',
    claim: (scenario) => ({ className: `${scenario.className}-other` }),
    reason: 'ClassNotFound',
    says: (scenario) => `${scenario.className}-other`,
    mend: (scenario) => scenario.claim({ className: scenario.className }),
  },
];

describe.concurrent('a claim that fails', () => {
  it.each(failures)(
    'says $reason for $title, heals and leaves nothing',
    async (failure) => {
      const scenario = await Scenario.create('fail');
      try {
        const pod = await scenario.runningPod();
        await failure.spoil?.(scenario);

        const claim = await scenario.claim(failure.claim?.(scenario));
        const message = await claim.waitReason(failure.reason);
        expect(message).toContain(failure.says(scenario));
        expect(message).not.toContain('only-this-one');

        await failure.mend(scenario);
        await claim.waitReady(HEAL_MS);
        // A bucket that healed before its file came was listed without it, which counts for 5 s.
        await waitUntil('its file is readable', async () => {
          return (await pod.shell(`cat ${ROOT_PATH}/data/hello.txt`)).stdout.includes('hello');
        });

        await expectCleanEnd(claim, scenario);
        await pod.waitNoMountPods();
        expect(await pod.fuseMounts()).toEqual([]);
      } finally {
        await scenario.destroy();
      }
    },
    240_000,
  );

  it('can be deleted while it fails, and leaves nothing', async () => {
    const scenario = await Scenario.create('faildel');
    try {
      const pod = await scenario.runningPod();
      const claim = await scenario.claim({ bucket: `${scenario.bucket}-missing` });
      await claim.waitReason('BucketNotFound');

      await expectCleanEnd(claim, scenario);

      await pod.waitNoMountPods();
      expect(await bucketExists(`${scenario.bucket}-missing`)).toBe(false);
    } finally {
      await scenario.destroy();
    }
  }, 180_000);
});

describe.concurrent('a claim without a pod to serve', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await Scenario.create('nopod');
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it('says NoMatchingPods', async () => {
    const claim = await scenario.claim({ name: 'lonely', selector: { app: 'nobody' } });

    expect(await claim.waitReason('NoMatchingPods')).toContain('app=nobody');
  });

  it('says NotInjected when the matching pod has no volume root, and how to mend it', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'plain' }, annotated: false });
    const claim = await scenario.claim({ name: 'plain', selector: { app: 'plain' } });

    const message = await claim.waitReason('NotInjected');

    expect(message).toContain(pod.name);
    expect(message).toContain('storage-provider-class');
  });

  it('says InUse when a file is open, and goes when it is closed', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'busy' } });
    const claim = await scenario.readyClaim({ name: 'busy', selector: { app: 'busy' } });
    await pod.shellOk(
      `(exec 3< ${ROOT_PATH}/data/hello.txt; echo $$ > /tmp/pid; while [ ! -e /tmp/stop ]; do sleep 0.2; done) > /dev/null 2>&1 &`,
    );

    const deleted = claim.delete(HEAL_MS);
    await claim.waitReason('InUse');
    expect(await pod.fuseMounts()).toEqual([`${ROOT_PATH}/data`]);
    await pod.shellOk('touch /tmp/stop');

    await deleted;
    expect(await pod.fuseMounts()).toEqual([]);
  });
});

async function expectCleanEnd(claim: Claim, scenario: Scenario): Promise<void> {
  await claim.delete();
  await claim.workflow.waitCompleted();
  await expectNothingLeft(scenario);
  expect(await bucketExists(scenario.bucket)).toBe(true);
}
