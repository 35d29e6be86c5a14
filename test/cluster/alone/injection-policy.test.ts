// Do policies of the API server what the webhook does for pods, when the chart is told so? (the release is put back)
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeAdmission } from '../describe-admission.ts';
import { find, list } from '../kube.ts';
import { runOk } from '../programs.ts';
import { ROOT_PATH, Scenario } from '../scenario.ts';

const chart = path.join(import.meta.dirname, '../../../deploy/chart');
const release = ['dynvol', '--namespace', 'dynvol-system', '--wait', '--timeout', '180s'];
const timeoutMs = 240_000;

beforeAll(async () => {
  const [name = '', ...options] = release;
  const change = ['--reuse-values', '--set', 'injection=policy', '--skip-crds'];
  await runOk('helm', ['upgrade', name, chart, ...options, ...change]);
}, timeoutMs);
afterAll(async () => {
  await runOk('helm', ['rollback', ...release]);
}, timeoutMs);

describeAdmission('policies');

describe('with policies', () => {
  it('no webhook is asked about pods', async () => {
    const api = 'admissionregistration.k8s.io/v1';
    const mutating = { apiVersion: api, kind: 'MutatingWebhookConfiguration' };
    const validating = await list(api, 'ValidatingWebhookConfiguration');

    expect(await find({ ...mutating, metadata: { name: 'dynvol' } })).toBeUndefined();
    expect(JSON.stringify(validating)).not.toContain('"pods"');
  });

  it('storage appears in a pod', async () => {
    await using scenario = await Scenario.create('policy');
    await scenario.waitAdmitting();
    const pod = await scenario.runningPod();

    await scenario.readyClaim();

    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
  });
});
