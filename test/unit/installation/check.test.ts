// What does the check of an installation find?
import { describe, expect, it } from 'vitest';
import type { KubernetesRequest } from '../../../watch/kubernetes-connection.ts';
import { KubernetesError } from '../../../watch/kubernetes-error.ts';
import { buildChecks, runChecks } from '../../../installation/check.ts';

const REFUSAL = 'x is "y": there is no StorageProviderClass of this name; create it first';

type Answer = (request: KubernetesRequest) => unknown;

function refuse(status: number, message: string): Answer {
  return () => {
    throw new KubernetesError(status, '', message);
  };
}

/** What an API server answers where all is well, by the last part of the path. */
const GOOD: Record<string, Answer> = {
  dynamicvolumeclaims: () => ({ items: [] }),
  storageproviderclasses: () => ({ items: [] }),
  'dynamicvolume.csi.cloudnative101.net': () => ({ metadata: { uid: 'driver' } }),
  controller: () => ({ status: { replicas: 2, readyReplicas: 2 } }),
  webhook: () => ({ status: { replicas: 1, readyReplicas: 1 } }),
  'csi-node': () => ({ status: { desiredNumberScheduled: 3, numberReady: 3 } }),
  pods: refuse(403, REFUSAL),
};

async function check(change: Record<string, Answer>, describeNamespace = async () => {}) {
  const answers = { ...GOOD, ...change };
  const requests: KubernetesRequest[] = [];
  const send = async (request: KubernetesRequest): Promise<unknown> => {
    requests.push(request);
    const name = new URL(request.path, 'http://server').pathname.split('/').at(-1) ?? '';
    const answer = answers[name];
    if (answer === undefined) throw new Error(`Nobody answers ${request.path}`);
    return answer(request);
  };
  const kubernetes = {
    send,
    stream: () => expect.unreachable('nothing is watched'),
    close: () => {},
  };
  const temporal = { address: 't.example:7233', namespace: 'dynvol', describeNamespace };
  const lines: string[] = [];
  const failed = await runChecks(buildChecks(kubernetes, temporal), (line) => lines.push(line));
  return { failed, bad: lines.filter((line) => line.startsWith('NOT OK')), lines, requests };
}

describe('the check of an installation', () => {
  it('finds nothing where all is well', async () => {
    const { failed, lines } = await check({});

    expect(failed).toBe(0);
    expect(lines).toHaveLength(7);
  });

  it.each<[string, Record<string, Answer>, string]>([
    ['no CRDs', { dynamicvolumeclaims: refuse(404, 'not found') }, 'install the chart dynvol-crds'],
    [
      'no CSIDriver',
      { 'dynamicvolume.csi.cloudnative101.net': refuse(404, 'not found') },
      'there is no CSIDriver',
    ],
    [
      'an agent that is not ready',
      { 'csi-node': () => ({ status: { desiredNumberScheduled: 3, numberReady: 2 } }) },
      'Every node has its agent: 2 of 3 pods are ready; see why: kubectl -n dynvol-system describe pods -l app.kubernetes.io/component=csi-node',
    ],
    ['no pod of the webhook', { webhook: () => ({ status: {} }) }, '0 of 0 pods are ready'],
    [
      'a webhook that cannot be reached',
      { pods: refuse(500, 'failed calling webhook: no endpoints available') },
      'New pods get their volume root: failed calling webhook: no endpoints available',
    ],
    ['pods that nobody looks at', { pods: () => ({}) }, 'nobody looked at it'],
  ])('finds %s', async (_, change, sentence) => {
    const { failed, bad } = await check(change);

    expect(failed).toBe(1);
    expect(bad[0]).toContain(sentence);
  });

  it('creates no pod', async () => {
    const { requests } = await check({});

    const writes = requests.filter(({ method }) => method !== 'GET');
    expect(writes.map(({ path }) => path)).toEqual(['/api/v1/namespaces/default/pods?dryRun=All']);
  });

  it.each([
    [
      'no such namespace',
      Object.assign(new Error('5 NOT_FOUND'), { code: 5 }),
      'has no namespace "dynvol": make it with "temporal operator namespace create -n dynvol"',
    ],
    ['nobody there', new Error('connection refused'), 't.example:7233 says: connection refused'],
    [
      'why nobody is there',
      new Error('Failed to connect', { cause: new Error('certificate has expired') }),
      't.example:7233 says: Failed to connect: certificate has expired',
    ],
  ])('tells of Temporal: %s', async (_, error, sentence) => {
    const { failed, bad } = await check({}, () => Promise.reject(error));

    expect(failed).toBe(1);
    expect(bad[0]).toContain(sentence);
  });
});
