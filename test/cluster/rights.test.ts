// What can people do with Kubernetes' own roles `view` and `edit` in a namespace, and with nothing else?
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../cli/exit-codes.ts';
import { waitUntil } from '../wait-until.ts';
import { run, runOk, type Outcome } from './programs.ts';
import { READY_MS, ROOT_PATH, S3_TLS, Scenario, type Claim, type Pod } from './scenario.ts';

const timeoutMs = 120_000;

let scenario: Scenario;
let pod: Pod;
let claim: Claim;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dynvol-rights-'));
  scenario = await Scenario.create('rights');
  pod = await scenario.runningPod();
  claim = await scenario.readyClaim();
}, timeoutMs);
afterAll(async () => {
  await scenario.destroy();
  await rm(folder, { recursive: true });
});

type Kubectl = (...args: string[]) => Promise<Outcome>;

/** A service account with one role in the scenario's namespace; Temporal is not known to it. */
async function openUser(role: 'view' | 'edit'): Promise<Kubectl> {
  const inNamespace = ['--namespace', scenario.namespace];
  const account = `${scenario.namespace}:${role}`;
  await runOk('kubectl', ['create', 'serviceaccount', role, ...inNamespace]);
  const binding = ['create', 'rolebinding', role, `--clusterrole=${role}`];
  await runOk('kubectl', [...binding, `--serviceaccount=${account}`, ...inNamespace]);
  const kubeConfig = path.join(folder, role);
  const token = (await runOk('kubectl', ['create', 'token', role, ...inNamespace])).trim();
  await writeFile(kubeConfig, await buildKubeConfig(token));
  const environment = ['-u', 'TEMPORAL_ADDRESS', '-u', 'TEMPORAL_NAMESPACE'];
  const kubectl: Kubectl = (...args) =>
    run('env', [...environment, `KUBECONFIG=${kubeConfig}`, 'kubectl', ...args]);
  await waitUntil('the role counts', async () => {
    const { status } = await kubectl('auth', 'can-i', 'list', 'dynamicvolumeclaims');
    return status === 0;
  });
  return kubectl;
}

async function buildKubeConfig(token: string): Promise<string> {
  const shown = await runOk('kubectl', ['config', 'view', '--raw', '--minify', '-o', 'json']);
  const config = JSON.parse(shown) as {
    users: { user: object }[];
    contexts: { context: { namespace?: string } }[];
  };
  for (const each of config.users) each.user = { token };
  for (const { context } of config.contexts) context.namespace = scenario.namespace;
  return JSON.stringify(config);
}

describe('who may view a namespace', () => {
  let kubectl: Kubectl;
  beforeAll(async () => {
    kubectl = await openUser('view');
  });

  it.each([
    { args: ['get'], says: /Ready +1\/1/ },
    { args: ['explain', 'data'], says: /^Reason +Attached\b/m },
    { args: ['events', 'data'], says: /\bAttached\b/ },
    { args: ['wait', 'data', '--for=ready'], says: /is ready \(1\/1 pods\)/ },
  ])('is told by $args.0 how a claim is', async ({ args, says }) => {
    const outcome = await kubectl('dynvol', ...args);

    expect(outcome).toMatchObject({ status: EXIT_CODES.ok, stdout: expect.stringMatching(says) });
  });

  it('sees the pods of a claim, and is told which right the mount pods would take', async () => {
    const { status, stdout, stderr } = await kubectl('dynvol', 'tree', 'data');

    expect(status).toBe(EXIT_CODES.ok);
    expect(stdout).toContain(`pod ${pod.name}  Attached`);
    expect(stderr).toContain('may not list pods in namespace dynvol-mounts');
  });

  it('is told what else is missing, and changes nothing', async () => {
    const everywhere = await kubectl('dynvol', 'get', '-A');
    const mounted = await mount(kubectl, 'refused');

    expect(everywhere).toMatchObject({ status: EXIT_CODES.noAccess, stdout: '' });
    expect(everywhere.stderr).toContain('or name one namespace with -n');
    expect(mounted).toMatchObject({ status: EXIT_CODES.noAccess, stdout: '' });
    expect(mounted.stderr).toMatch(/" may not (patch pods|create dynamicvolumeclaims\S*) in /);
    expect(await claim.ready()).toMatchObject({ status: 'True' });
  });
});

describe('who may edit a namespace', () => {
  it('mounts storage and takes it away', async () => {
    const kubectl = await openUser('edit');

    const mounted = await mount(kubectl, 'mine');

    expect(mounted).toMatchObject({ status: EXIT_CODES.ok });
    const ready = await kubectl('wait', 'dvc/mine', '--for=condition=Ready', '--timeout=1m');
    expect(ready).toMatchObject({ status: 0 });
    expect(await pod.shellOk(`cat ${ROOT_PATH}/mine/hello.txt`)).toContain('hello');
    expect(await kubectl('delete', 'dvc', 'mine')).toMatchObject({ status: 0 });
    await waitUntil(
      'it is away',
      async () => !(await pod.shellOk(`ls ${ROOT_PATH}`)).includes('mine'),
      READY_MS,
    );
  });
});

function mount(kubectl: Kubectl, name: string): Promise<Outcome> {
  const target = [`s3://${scenario.bucket}`, `${pod.name}:/${name}`];
  return kubectl('dynvol', 'mount', ...target, '--name', name, '--endpoint', S3_TLS);
}
