// What does mount write, say and leave alone?
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { API_VERSION, CLAIM_PLURAL, GROUP, POD_LABEL } from '../../../../api/names.ts';
import { EXIT_CODES } from '../../../../cli/exit-codes.ts';
import { runCommand } from '../../../builders/command-line.ts';
import type { Ran } from '../../../builders/command-line.ts';
import { aWorkloadPod } from '../../../builders/workload-pods.ts';
import { FakeApiServer } from '../../../fakes/fake-api-server.ts';

const CLAIMS = `/apis/${GROUP}/${API_VERSION}/namespaces/shop/${CLAIM_PLURAL}`;
const PODS = '/api/v1/namespaces/shop/pods';
const owned = { ownerReferences: [{ kind: 'ReplicaSet', uid: 'owner', controller: true }] };

let server: FakeApiServer;
beforeEach(async () => {
  server = await FakeApiServer.start();
  server.put(PODS, { ...aWorkloadPod('tools', { metadata: { labels: { app: 'tools' } } }) });
  server.put(PODS, {
    ...aWorkloadPod('web-x', { metadata: { labels: { app: 'web' }, ...owned } }),
  });
});
afterEach(async () => {
  await server.stop();
});

function mount(...words: string[]): Promise<Ran> {
  return runCommand(['mount', ...words, '-n', 'shop'], server.kubeConfig);
}

const countWrites = (): number => server.countRequests(/^(POST|PATCH|DELETE)/);

describe('mount', () => {
  it('writes a claim that selects the pod by its own label', async () => {
    const ran = await mount('s3://photos', 'tools:/volumes/data', '--no-wait', '-o', 'json');

    expect(ran.exitCode).toBe(EXIT_CODES.ok);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      metadata: { name: 'tools-data', namespace: 'shop' },
      spec: { selector: { matchLabels: { app: 'tools' } }, mountpoint: '/data' },
    });
    expect(server.names(CLAIMS)).toEqual(['tools-data']);
    expect(countWrites()).toBe(1);
  });

  it('gives a pod without a label of its own one, and says so', async () => {
    const ran = await mount('s3://photos', 'web-x:/data', '--no-wait');

    expect(ran).toMatchObject({ exitCode: EXIT_CODES.ok, stdout: '' });
    expect(ran.stderr).toContain(`it was given ${POD_LABEL}=uid-web-x.`);
    expect(server.requests.filter((each) => !each.startsWith('GET'))).toEqual([
      `POST ${CLAIMS}?dryRun=All`,
      `PATCH ${PODS}/web-x`,
      `POST ${CLAIMS}`,
    ]);
  });

  it('writes nothing when no namespace is named', async () => {
    const ran = await mount('s3://photos', 'tools:/data', '-A');

    expect(ran).toMatchObject({ exitCode: EXIT_CODES.usage, stdout: '' });
    expect(ran.stderr).toMatch(/give it with -n instead of -A\.\n$/);
    expect(countWrites()).toBe(0);
  });

  it('leaves no label where the claim is refused', async () => {
    await mount('s3://photos', 'tools:/data', '--name', 'taken', '--no-wait');

    const ran = await mount('s3://photos', 'web-x:/data', '--name', 'taken', '--no-wait');

    expect(ran).toMatchObject({ exitCode: EXIT_CODES.failed });
    expect(ran.stderr).toContain('There is a claim "taken" in namespace shop already');
    expect(server.countRequests(/^PATCH/)).toBe(0);
  });

  it('waits until the storage can be read, and says where, and how it goes', async () => {
    const waiting = mount('s3://photos', 'tools:/data', '-o', 'name');
    await expect.poll(() => server.names(CLAIMS)).toEqual(['tools-data']);
    const ready = { type: 'Ready', status: 'True', observedGeneration: 1, reason: 'Attached' };
    server.put(CLAIMS, {
      metadata: { namespace: 'shop', name: 'tools-data', generation: 1 },
      status: { conditions: [ready], attachedOfMatched: '1/1' },
    });

    const ran = await waiting;
    expect(ran.exitCode).toBe(EXIT_CODES.ok);
    expect(ran.stdout).toBe(`dynamicvolumeclaim.${GROUP}/tools-data\n`);
    expect(ran.stderr).toContain('shop/tools-data is ready (1/1 pods)');
    expect(ran.stderr).toContain('The storage is at /volumes/data in pod tools');
    expect(ran.stderr).toContain('kubectl delete dvc -n shop tools-data');
  });
});

describe('--dry-run', () => {
  it('prints the claim, before it the command for the label, and writes nothing', async () => {
    const ran = await mount('s3://photos/2024', 'web-x:/data', '--dry-run');

    expect(ran).toMatchObject({ exitCode: EXIT_CODES.ok, stderr: '' });
    expect(ran.stdout.split('\n')[0]).toBe(
      `# kubectl label pod -n shop web-x ${POD_LABEL}=uid-web-x`,
    );
    expect(ran.stdout).toContain('kind: DynamicVolumeClaim');
    expect(countWrites()).toBe(0);
  });
});

describe('a target that cannot be', () => {
  it.each([
    [
      'a pod that is not there',
      ['s3://photos', 'tolls:/data'],
      EXIT_CODES.notFound,
      'did you mean "tools"?',
    ],
    ['storage of another kind', ['gs://photos', 'tools:/data'], EXIT_CODES.usage, 's3://BUCKET'],
    ['the volume root', ['s3://photos', 'tools:/volumes'], EXIT_CODES.usage, '/volumes/data'],
  ])('is refused: %s', async (_what, words, exitCode, says) => {
    const ran = await mount(...words);

    expect(ran).toMatchObject({ exitCode, stdout: '' });
    expect(ran.stderr).toContain(says);
    expect(countWrites()).toBe(0);
  });
});
