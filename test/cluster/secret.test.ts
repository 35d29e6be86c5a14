// What happens to live mounts when the keys of their class change or go?
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../wait-until.ts';
import { removeAndWait, waitFor } from './kube.ts';
import { buildReadables, expectUnnoticed } from './reader.ts';
import { S3Gate } from './s3-gate.ts';
import { createUser, deleteUser, putTexts } from './s3.ts';
import { findCondition } from './claim.ts';
import { HEAL_MS, ROOT_PATH, Scenario, stackKeys } from './scenario.ts';

const file = `${ROOT_PATH}/data/hello.txt`;

/** Keys of a new user who may use every bucket. */
async function makeKeys(): Promise<Record<string, string>> {
  const key = `rotated-${randomBytes(4).toString('hex')}`;
  const secret = randomBytes(16).toString('hex');
  await createUser(key, secret, 'admin');
  return { 'access-key-id': key, 'secret-access-key': secret };
}

describe.concurrent('the Secret of a class', () => {
  it('can be rotated under a reader: the new keys are in use within a minute', async () => {
    await using scenario = await Scenario.create('rotate');
    await putTexts(scenario.bucket, buildReadables('here'));
    const [former, fresh] = [await makeKeys(), await makeKeys()];
    await scenario.secret(former);
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim();
    const before = await pod.seenMount('data');
    const startMs = performance.now();

    await expectUnnoticed({
      pod,
      mountpoint: 'data',
      isOver: (_text, device) => device !== before.device,
      action: () => scenario.secret(fresh),
    });
    expect(performance.now() - startMs).toBeLessThan(60_000);

    // Only the new keys work now: what was never read before proves that they are used.
    await deleteUser(String(former['access-key-id']));
    await scenario.putText('new.txt', 'read with the new keys\n');
    await waitUntil('the new object is listed', async () =>
      (await pod.shell(`cat ${ROOT_PATH}/data/new.txt`)).stdout.includes('new keys'),
    );
    await claim.waitReady();
    expect(await pod.fuseMounts()).toEqual([`${ROOT_PATH}/data`]);
    await deleteUser(String(fresh['access-key-id']));
  }, 240_000);

  it('can go: what is mounted stays, and the claim says SecretMissing until it is back', async () => {
    await using scenario = await Scenario.create('nokeys');
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim();

    await removeAndWait(scenario.secretRef());

    const stalled = await waitFor(
      claim.ref,
      'is stalled',
      (seen) => findCondition(seen, 'Stalled')?.['reason'] === 'SecretMissing',
      HEAL_MS,
    );
    expect(findCondition(stalled, 'Stalled')?.['message']).toContain(`${scenario.namespace}/keys`);
    expect(findCondition(stalled, 'Ready')?.['status']).toBe('True');
    expect(await pod.shellOk(`cat ${file}`)).toContain('hello');

    await scenario.secret();
    await waitFor(
      claim.ref,
      'is not stalled any more',
      (seen) => findCondition(seen, 'Stalled') === undefined,
      HEAL_MS,
    );
    expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
  }, 240_000);

  it('can carry a session token and a CA certificate, and a claim its region', async () => {
    await using gate = await S3Gate.open({ tls: true });
    await using scenario = await Scenario.create('ca');
    const pod = await scenario.runningPod();
    const claim = await scenario.claim({ endpoint: gate.endpoint, region: 'eu-test-1' });
    await claim.waitReason('TLSVerifyFailed');

    await scenario.secret({
      ...stackKeys(),
      'ca.crt': String(gate.certificate?.cert),
      'session-token': 'token-of-the-test',
    });

    // The stack's S3 refuses another region than its own: the signature tells which one was asked for.
    const isSigned = (text: string) =>
      gate.headers.some((headers) => headers.authorization?.includes(text));
    await waitUntil(
      'a request is signed for the region',
      () => isSigned('/eu-test-1/s3/'),
      HEAL_MS,
    );
    await scenario.claim({ endpoint: gate.endpoint });
    await claim.waitReady(HEAL_MS);
    expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
    expect(gate.headers.at(-1)?.['x-amz-security-token']).toBe('token-of-the-test');
    await claim.delete();
  }, 240_000);
});
