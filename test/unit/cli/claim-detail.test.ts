// Whose mount pods does a tree show, and who tells of those that a user may not see?
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MOUNT_NAMESPACE, WORKLOAD_POD_ANNOTATION } from '../../../api/names.ts';
import {
  aClaimPod,
  aMountPodObject,
  aPodObject,
  podsOf,
  putClaim,
} from '../../builders/cluster-objects.ts';
import { runCommand } from '../../builders/command-line.ts';
import type { Ran } from '../../builders/command-line.ts';
import { FakeConsole } from '../../builders/console.ts';
import { aMountPod } from '../../builders/mount-pods.ts';
import { aClaim, aPod } from '../../builders/objects.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';

const MOUNT_PODS = podsOf(MOUNT_NAMESPACE);

let api: FakeApiServer;
let fake: FakeConsole;
let app: ReturnType<FakeConsole['buildOpenApp']>;
let consoleUrl: string;

beforeEach(async () => {
  api = await FakeApiServer.start();
  fake = new FakeConsole();
  app = fake.buildOpenApp();
  consoleUrl = await app.listen({ port: 0, host: '127.0.0.1' });
  putClaim(api, { pods: [aClaimPod('web-1')] });
});

afterEach(async () => {
  await app.close();
  await api.stop();
});

function run(...words: string[]): Promise<Ran> {
  return runCommand([...words, '--console', consoleUrl], api.kubeConfig);
}

/** A pod of a claim, and its mount pod. */
function putPods(namespace: string, name: string): void {
  const pod = aPodObject(name);
  const mountPod = aMountPodObject(name);
  const annotations = { [WORKLOAD_POD_ANNOTATION]: `${namespace}/${name}` };
  api.put(podsOf(namespace), { ...pod, metadata: { ...pod.metadata, namespace } });
  api.put(MOUNT_PODS, { ...mountPod, metadata: { ...mountPod.metadata, annotations } });
}

function refuseMountPods(): void {
  api.faults.refuse = ({ pathname }) =>
    pathname.startsWith(MOUNT_PODS) ? { status: 403, reason: 'Forbidden' } : undefined;
}

describe('tree of a user who may not see mount pods', () => {
  beforeEach(refuseMountPods);

  it('has those that the console tells of', async () => {
    fake.cluster.put(aClaim());
    fake.cluster.putPod(aPod());
    fake.cluster.putPod(aMountPod('web-1'));
    const ran = await run('tree', '-n', 'shop');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toMatch(/pod web-1 {2}Attached\n.* mount pod s3-web-1 {2}Running\n$/);
  });

  it('has the pods alone where the console does not tell either, and says so', async () => {
    await app.close();
    const ran = await run('tree', '-n', 'shop');
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout).toMatch(/ pod web-1 {2}Attached\n$/);
    expect(ran.stderr).toMatch(
      /^Mount pods are not shown: .*\.\nNor does the console tell of them: .* cannot be reached: the connection is refused\.\n$/,
    );
  });
});

it('tree asks no console while the user may see all', async () => {
  await app.close();
  expect(await run('tree', '-n', 'shop')).toMatchObject({ exitCode: 0, stderr: '' });
});

it('tree -A shows the mount pods of every namespace', async () => {
  putClaim(api, { namespace: 'lab', pods: [aClaimPod('db-1')] });
  putPods('shop', 'web-1');
  putPods('lab', 'db-1');
  const { stdout, stderr } = await run('tree', '-A');
  expect(stderr).toBe('');
  expect(stdout.match(/mount pod \S+/g)).toEqual([
    'mount pod s3-db-1-s3-sample',
    'mount pod s3-web-1-s3-sample',
  ]);
});
