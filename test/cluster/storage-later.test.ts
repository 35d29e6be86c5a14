// Does a storage that fails under a live mount tell its reason in the claim, and heal by itself?
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { listEvents } from './kube.ts';
import { expectNothingLeft } from './nothing-left.ts';
import { S3Gate } from './s3-gate.ts';
import { createUser, deleteUser } from './s3.ts';
import { ROOT_PATH, Scenario, type Claim, type Pod } from './scenario.ts';

const folder = `${ROOT_PATH}/data`;

/** The mount knows its folder for 5 s, its client tries for as long, and the question takes some. Then back-off. */
const TOLD_MS = 90_000;

/** Somebody looks at the mount again and again meanwhile; one look may hang for as long as the storage does. */
async function whileReading<T>(pod: Pod, work: Promise<T>): Promise<T> {
  const over = new AbortController();
  const readOn = async () => {
    while (!over.signal.aborted) await pod.shell(`timeout -s KILL 3 ls ${folder}`);
  };
  const reading = readOn();
  try {
    return await work;
  } finally {
    over.abort();
    await reading;
  }
}

interface Failure {
  reason: string;
  says: string;
  fail: () => unknown;
  mend: () => unknown;
}

/** The claim tells while it lasts, the mount stays, and nothing is mounted anew. */
async function expectToldAndHealed(pod: Pod, claim: Claim, failure: Failure): Promise<void> {
  const [identity, { device }] = [await pod.identity(), await pod.seenMount('data')];

  await failure.fail();
  const message = await whileReading(pod, claim.waitReason(failure.reason, TOLD_MS));
  expect(message).toContain(failure.says);
  expect(await pod.fuseMounts()).toEqual([folder]);

  await failure.mend();
  await whileReading(pod, claim.waitReady(TOLD_MS));
  expect(await pod.shellOk(`cat ${folder}/hello.txt`)).toContain('hello');
  expect(await pod.identity()).toBe(identity);
  expect((await pod.seenMount('data')).device).toBe(device);
  const events = await listEvents(claim.uid);
  expect(events.filter(({ reason }) => reason === 'MountRecovered')).toEqual([]);
}

describe.concurrent('the storage of a live mount', () => {
  it('that cannot be reached any more is told as EndpointUnreachable, and heals', async () => {
    await using gate = await S3Gate.open();
    await using scenario = await Scenario.create('gone');
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim({ endpoint: gate.endpoint });

    await expectToldAndHealed(pod, claim, {
      ...{ reason: 'EndpointUnreachable', says: gate.endpoint },
      ...{ fail: () => gate.refuse(), mend: () => gate.release() },
    });

    await claim.delete();
    await expectNothingLeft(scenario);
  }, 400_000);

  it('that does not know its keys any more is told as CredentialsRejected, and heals', async () => {
    await using scenario = await Scenario.create('unknown');
    const key = `later-${randomBytes(4).toString('hex')}`;
    const secret = randomBytes(16).toString('hex');
    await createUser(key, secret, 'admin');
    await scenario.secret({ 'access-key-id': key, 'secret-access-key': secret });
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim();

    await expectToldAndHealed(pod, claim, {
      ...{ reason: 'CredentialsRejected', says: 'access keys' },
      ...{ fail: () => deleteUser(key), mend: () => createUser(key, secret, 'admin') },
    });

    await claim.delete();
    await expectNothingLeft(scenario);
    await deleteUser(key);
  }, 400_000);
});
