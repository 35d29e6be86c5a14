// What does a person see of claims, and with which exit code? (against a fake API server and a real console)
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  API_VERSION,
  CLASS_PARAMETERS,
  CLASS_PLURAL,
  GROUP,
  MOUNT_NAMESPACE,
} from '../../../api/names.ts';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
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
import { parseHistory } from '../../workflow/history-file.ts';

const MOUNT_PODS = podsOf(MOUNT_NAMESPACE);
const now = (): Date => new Date('2026-01-01T00:05:00Z');

let api: FakeApiServer;
let fake: FakeConsole;
let app: ReturnType<FakeConsole['buildOpenApp']>;
let consoleUrl: string;

beforeEach(async () => {
  api = await FakeApiServer.start();
  fake = new FakeConsole();
  app = fake.buildOpenApp();
  consoleUrl = await app.listen({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  await app.close();
  await api.stop();
});

/** Words of a line, in the namespace `shop`. */
function run(line: string): Promise<Ran> {
  return runCommand(['-n', 'shop', '--console', consoleUrl, ...line.split(' ')], api.kubeConfig, {
    now,
  });
}

function linesOf({ stdout }: Ran): string[] {
  return stdout.trimEnd().split('\n');
}

describe('get', () => {
  it('lists the claims of the namespace', async () => {
    putClaim(api, { pods: [aClaimPod('web-1')] });
    putClaim(api, { name: 'models', reason: 'NoMatchingPods' });
    putClaim(api, { namespace: 'lab' });
    const ran = await run('get');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(linesOf(ran)).toEqual([
      'NAME       STATUS    PODS   REASON           STORAGE   MOUNTPOINT   AGE',
      'models     Waiting   0/0    NoMatchingPods   photos    /data        5m',
      'pictures   Ready     1/1    Attached         photos    /data        5m',
    ]);
  });

  it('lists those of all namespaces, with more columns if asked', async () => {
    putClaim(api);
    putClaim(api, { namespace: 'lab' });
    const [titles, ...rows] = linesOf(await run('get -A -o wide'));
    expect(titles).toMatch(/^NAMESPACE +NAME .* AGE +CLASS +ENDPOINT .* WORKFLOW$/);
    expect(rows.map((row) => row.split(' ')[0])).toEqual(['lab', 'shop']);
  });

  it('gives programs the objects themselves', async () => {
    putClaim(api);
    const list = JSON.parse((await run('get -o json')).stdout);
    expect(list).toMatchObject({ kind: 'List', items: [{ kind: 'DynamicVolumeClaim' }] });
    expect(JSON.parse((await run('get pictures -o json')).stdout)).toEqual(list.items[0]);
    expect((await run('get pictures -o yaml')).stdout).toMatch(/^apiVersion: /);
    const { stdout } = await run('get -o name');
    expect(stdout).toBe(`dynamicvolumeclaim.${GROUP}/pictures\n`);
    expect(await run(`get ${stdout.trim()}`)).toMatchObject({ exitCode: 0 });
  });

  it('sends labels to the API server', async () => {
    await run('get -l team=a,tier!=test');
    expect(api.countRequests(/labelSelector=team%3Da%2Ctier%21%3Dtest/)).toBe(1);
  });

  it('says where there is nothing', async () => {
    expect(await run('get')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'There are no claims in namespace shop; -A looks in all of them.\n',
    });
  });

  it.each<[string, string]>([
    ['picture', 'There is no claim "picture" in namespace shop: did you mean "pictures"?\n'],
    [
      'far',
      'There is no claim "far" in namespace shop: there is one in namespace lab, add -n lab.\n',
    ],
    ['zzz', 'There is no claim "zzz" in namespace shop: there is "models", "pictures".\n'],
  ])('of the unknown claim %s says which may be meant', async (name, stderr) => {
    putClaim(api);
    putClaim(api, { name: 'models' });
    putClaim(api, { namespace: 'lab', name: 'far' });
    expect(await run(`get ${name}`)).toEqual({ exitCode: EXIT_CODES.notFound, stdout: '', stderr });
  });

  it('does not know names without a namespace', async () => {
    expect(await run('get pictures -A')).toMatchObject({
      exitCode: EXIT_CODES.usage,
      stderr: 'A claim is named in one namespace: give it with -n instead of -A.\n',
    });
  });
});

describe('tree', () => {
  beforeEach(() => {
    putClaim(api, { pods: [aClaimPod('web-1')] });
    api.put(podsOf('shop'), aPodObject('web-1'));
    api.put(MOUNT_PODS, aMountPodObject('web-1'));
    api.put(MOUNT_PODS, aMountPodObject('web-1', 'other-class'));
    api.put(MOUNT_PODS, aMountPodObject('db-1'));
  });

  it('shows the pods and those mount pods that are of the class of the claim', async () => {
    expect(linesOf(await run('tree pictures'))).toEqual([
      'claim shop/pictures  Ready  photos at /data',
      '└─ node node1',
      '   └─ pod web-1  Attached',
      '      └─ mount pod s3-web-1-s3-sample  Running',
    ]);
  });

  it('shows the pods to who may not see mount pods, and says so', async () => {
    api.faults.refuse = ({ pathname }) =>
      pathname.startsWith(MOUNT_PODS) ? { status: 403, reason: 'Forbidden' } : undefined;
    const ran = await run('tree');
    expect(ran.exitCode).toBe(0);
    expect(linesOf(ran).at(-1)).toBe('   └─ pod web-1  Attached');
    expect(ran.stderr).toMatch(
      /^Mount pods are not shown: The API server does not allow it: .*\.\nNor does the console tell/,
    );
  });

  it('of labels shows those claims alone', async () => {
    await run('tree -l team=a');
    expect(api.countRequests(/dynamicvolumeclaims\?labelSelector=team%3Da/)).toBe(1);
  });
});

describe('explain', () => {
  beforeEach(() => {
    const pods = [aClaimPod('web-1', { state: 'Failed', reason: 'CredentialsRejected' })];
    putClaim(api, { reason: 'CredentialsRejected', message: 'InvalidAccessKeyId', pods });
    api.put(`/apis/${GROUP}/${API_VERSION}/${CLASS_PLURAL}`, {
      metadata: { name: 's3-sample' },
      spec: {
        parameters: {
          [CLASS_PARAMETERS.secretNamespace]: 'default',
          [CLASS_PARAMETERS.secretName]: 'keys',
        },
      },
    });
    fake.cluster.put(aClaim());
    fake.explanations.set('dvc/shop/pictures/claim-uid', 'Claim: x\nNext: looks again soon.');
  });

  it('ends in one reason and one command, with what the workflow does next', async () => {
    const ran = await run('explain pictures');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(linesOf(ran)).toContain('Plan        looks again soon.');
    expect(linesOf(ran).at(-4)).toBe('Reason      CredentialsRejected. InvalidAccessKeyId.');
    expect(linesOf(ran).at(-1)).toMatch(/^ +kubectl patch secret keys -n default /);
    expect((await run('describe pictures')).stdout).toBe(ran.stdout);
  });

  it('does without the console, and says what it could not ask', async () => {
    await app.close();
    const ran = await run('explain pictures');
    expect(ran.exitCode).toBe(0);
    expect(ran.stderr).toBe(
      `The workflow was not asked: The console at ${consoleUrl} cannot be reached: the connection is refused.\n`,
    );
    expect(linesOf(ran).at(-1)).toMatch(/^ +kubectl patch secret keys /);
  });

  it('needs no rights to mount pods when the console tells of them', async () => {
    api.faults.refuse = ({ pathname }) =>
      pathname.startsWith(MOUNT_PODS) ? { status: 403, reason: 'Forbidden' } : undefined;
    fake.cluster.putPod(aPod());
    fake.cluster.putPod(aMountPod('web-1'));
    const ran = await run('explain pictures');
    expect(ran.stderr).toBe('');
    expect(ran.stdout).toMatch(/web-1 +node1 +Failed +s3-web-1 /);
  });

  it('gives programs the detail with its next step', async () => {
    expect(JSON.parse((await run('explain pictures -o json')).stdout)).toMatchObject({
      reason: 'CredentialsRejected',
      explanation: expect.stringContaining('Next:'),
      nextStep: { command: expect.stringContaining('kubectl patch secret') },
    });
  });
});

describe('history', () => {
  beforeEach(() => {
    putClaim(api);
    fake.cluster.put(aClaim());
  });

  it('tells the steps of the workflow', async () => {
    const history = parseHistory(readFileSync('test/histories/failure-healed.json', 'utf8'));
    fake.histories.set('dvc/shop/pictures/claim-uid', history);
    const ran = await run('history pictures');
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(linesOf(ran).length).toBeGreaterThan(5);
    expect(linesOf(ran).at(-1)).toMatch(/^Workflow dvc\/shop\/pictures\/claim-uid /);
  });

  it('says how to get at it when the console cannot', async () => {
    fake.isTemporalDown = true;
    expect(await run('history pictures')).toEqual({
      exitCode: EXIT_CODES.noAccess,
      stdout: '',
      stderr:
        "The history cannot be read from the console (Temporal does not answer): give Temporal's address with --temporal-address.\n",
    });
  });
});

describe('top', () => {
  const mount = {
    namespace: 'shop',
    claim: 'pictures',
    pod: 'web-1',
    node: 'node1',
    mountpoint: '/data',
    mountPod: 's3-web-1',
    transferredBytes: 2_048,
    errors: 1,
    openFiles: 3,
    cachedBytes: 0,
    pendingUploads: 2,
    throttledShare: 0.42,
    at: '2026-01-01T00:00:00Z',
  };

  it('shows what each mount of the namespace does, and which nodes are silent', async () => {
    fake.mounts = { mounts: [mount], unreachableNodes: ['node2'] };
    const ran = await run('top --interval 1ms');
    expect(linesOf(ran)).toEqual([
      'CLAIM      POD     NODE    RATE     TOTAL   ERRORS   OPEN   CACHED   UPLOADS   THROTTLED',
      'pictures   web-1   node1      -   2.0 KiB        1      3      0 B         2        42 %',
    ]);
    expect(ran.stderr).toBe('Not known: mounts on node2, whose node agent does not answer.\n');
    expect(fake.askedMounts).toEqual([['shop'], ['shop']]);
  });

  it('shows those of all namespaces, with more columns if asked', async () => {
    for (const namespace of ['shop', 'lab']) {
      fake.cluster.put(aClaim({ metadata: { namespace, uid: namespace } }));
    }
    fake.mounts = { mounts: [mount, { ...mount, namespace: 'lab' }], unreachableNodes: [] };
    const [titles, ...rows] = linesOf(await run('top -A -o wide --interval 1ms'));
    expect(titles).toMatch(/^NAMESPACE +CLAIM .* THROTTLED +MOUNTPOINT +MOUNT POD$/);
    expect(rows.map((row) => row.split(/ {2,}/)[0])).toEqual(['lab', 'shop']);
    expect(rows[0]).toMatch(/ 42 % +\/data +s3-web-1$/);
  });

  it('shows those of claims with the labels alone', async () => {
    putClaim(api, { name: 'models' });
    fake.mounts = { mounts: [mount, { ...mount, claim: 'models' }], unreachableNodes: [] };
    const [, ...rows] = linesOf(await run('top -l team=a --interval 1ms'));
    expect(rows.map((row) => row.split(' ')[0])).toEqual(['models']);
    expect(api.countRequests(/labelSelector=team%3Da/)).toBe(1);
  });

  it('shows those of one claim, and says when there are none', async () => {
    putClaim(api, { name: 'models' });
    fake.mounts = { mounts: [mount], unreachableNodes: [] };
    expect(await run('top models --interval 1ms')).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: 'Nothing is mounted here.\n',
    });
  });
});

describe('events', () => {
  const EVENTS = '/apis/events.k8s.io/v1/namespaces/shop/events';

  beforeEach(() => {
    putClaim(api, { pods: [aClaimPod('web-1')] });
    const put = (name: string, kind: string, note: string, eventTime: string): void => {
      const regarding = { kind, namespace: 'shop', name };
      const metadata = { namespace: 'shop', name: `${name}.1` };
      api.put(EVENTS, { metadata, type: 'Normal', reason: 'Told', note, eventTime, regarding });
    };
    put('web-1', 'Pod', 'of the pod', '2026-01-01T00:04:30Z');
    put('pictures', 'DynamicVolumeClaim', 'of the claim', '2026-01-01T00:04:00Z');
    put('db-1', 'Pod', 'of another pod', '2026-01-01T00:04:00Z');
  });

  it('of a claim are its own and those of its pods, the latest last', async () => {
    expect(linesOf(await run('events pictures'))).toEqual([
      'LAST SEEN   TYPE     REASON   OBJECT           MESSAGE',
      '60s         Normal   Told     claim/pictures   of the claim',
      '30s         Normal   Told     pod/web-1        of the pod',
    ]);
  });

  it('of all claims are theirs alone', async () => {
    expect(linesOf(await run('events')).slice(1)).toEqual([
      '60s         Normal   Told     claim/pictures   of the claim',
    ]);
    expect(api.countRequests(/fieldSelector=regarding.kind%3DDynamicVolumeClaim/)).toBe(1);
  });
});
