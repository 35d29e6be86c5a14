// Do the original article's samples run unchanged?
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readFile } from 'node:fs/promises';
import { apply, removeAndWait, waitFor, type AnyObject, type Ref } from './kube.ts';
import { putObject } from './s3.ts';
import { Claim, CLAIM_API, READY_MS, Scenario, type Pod } from './scenario.ts';

const examples = path.join(import.meta.dirname, '../../deploy/examples');
const rootPath = '/user-defined-root-path';

async function applyFile(file: string, namespace?: string): Promise<AnyObject[]> {
  const text = await readFile(path.join(examples, file), 'utf8');
  const objects = parseAllDocuments(text).map((document) => document.toJS() as AnyObject);
  const applied = [];
  for (const object of objects) {
    const metadata = { ...(namespace ? { namespace } : {}), ...object.metadata };
    applied.push(await apply({ ...object, metadata } as AnyObject));
  }
  return applied;
}

function buildRef(name: string, namespace: string): Ref {
  return { apiVersion: CLAIM_API, kind: 'DynamicVolumeClaim', metadata: { name, namespace } };
}

function asClaim(object: AnyObject): Claim {
  const { name, namespace, uid } = object.metadata ?? {};
  return new Claim(buildRef(String(name), String(namespace)), String(uid));
}

describe("the article's samples", () => {
  // The samples name their namespaces and their class themselves; the pods are ours.
  const pods: Pod[] = [];
  const claims: Claim[] = [];
  const helper = new Scenario('samples');

  beforeAll(async () => {
    await applyFile('secret-and-class.yaml');
    await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'dynamic-volume-test' } });
    const file = path.join(examples, 'claim-nginx.yaml');
    await putObject('ssat202410181', 'test.txt', file);
    await putObject('my-s3-bucket', 'test.txt', file);
  });
  afterAll(async () => {
    await Promise.all(claims.map((claim) => claim.delete()));
    await Promise.all(pods.map((pod) => removeAndWait(pod.ref)));
  });

  it.each([
    {
      file: 'claim-app-4-s3.yaml',
      label: 'app-4-s3',
      claimName: 'externalvolume-s3-sample',
      namespace: 'dynamic-volume-test',
      writable: true,
    },
    {
      file: 'claim-nginx.yaml',
      label: 'nginx',
      claimName: 'dynamicvolume-s3-sample',
      namespace: 'default',
      writable: false,
    },
  ])(
    '$file works with the class of 10m CPU and 50Mi',
    async (sample) => {
      const pod = await helper.runningPod({
        name: `sample-${sample.label}`,
        namespace: sample.namespace,
        labels: { app: sample.label },
        className: 's3-sample',
        rootPath,
      });
      pods.push(pod);

      // The demo may have left the claim: it would still be Ready for the demo's pod alone.
      await removeAndWait(buildRef(sample.claimName, sample.namespace));
      const [object] = await applyFile(sample.file, sample.namespace);
      const claim = asClaim(object as AnyObject);
      claims.push(claim);
      await waitFor(claim.ref, 'exists', () => true);
      await claim.waitReady(READY_MS * 4);

      expect(await pod.shellOk(`cat ${rootPath}/data/test.txt`)).toContain('DynamicVolumeClaim');
      const write = await pod.shell(`echo x > ${rootPath}/data/write.txt`);
      expect(write.status === 0).toBe(sample.writable);
    },
    180_000,
  );
});
