// What does `helm uninstall` leave, and when does it refuse? (one case after another)
import { expect, it } from 'vitest';
import { API_VERSION, GROUP } from '../../../api/names.ts';
import { STAGE_DIR } from '../../../api/paths.ts';
import { waitUntil } from '../../wait-until.ts';
import { find, list } from '../kube.ts';
import { listNodeFolder, NODES } from '../node.ts';
import { expectNothingLeft } from '../nothing-left.ts';
import { runOk } from '../programs.ts';
import { ROOT_PATH, Scenario } from '../scenario.ts';
import { Product } from './product.ts';

const timeoutMs = 900_000;

/** Kinds of which the charts make objects, those of the whole cluster first. */
const KINDS = [
  ...['clusterroles', 'clusterrolebindings', 'csidrivers', 'priorityclasses', 'namespaces'],
  ...['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
  ...['deployments', 'daemonsets', 'jobs', 'pods', 'services', 'secrets', 'configmaps'],
  ...['serviceaccounts', 'roles', 'rolebindings', 'poddisruptionbudgets', 'networkpolicies'],
].join(',');

async function listOwnObjects(): Promise<string[]> {
  const ours = ['-l', 'app.kubernetes.io/name=dynvol', '-A', '-o', 'name'];
  const names = await runOk('kubectl', ['get', KINDS, ...ours]);
  return names.split('\n').filter(Boolean);
}

it(
  'refuses while there is a claim, names it, and breaks nothing',
  async () => {
    await using product = await Product.open();
    await using scenario = await Scenario.create('stays');
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim();
    const before = await pod.seenMount('data');

    const { status, stdout, stderr } = await product.tryUninstall();

    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain(`${scenario.namespace}/${claim.ref.metadata.name}`);
    expect(stdout + stderr).toContain('helm rollback');
    expect(await pod.seenMount('data')).toEqual(before);
    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
    await product.rollBack();
    // Everything still works.
    await claim.delete();
    await expectNothingLeft(scenario);
  },
  timeoutMs,
);

it(
  'deletes claims when it is told to, refuses while pods have a volume root, and leaves nothing but the custom resources',
  async () => {
    await using product = await Product.open();
    await using scenario = await Scenario.create('cleans');
    const pod = await scenario.runningPod();
    const claim = await scenario.readyClaim();
    await product.installCurrent('uninstall.claims=delete');

    const first = await product.tryUninstall();

    expect(first.status).not.toBe(0);
    expect(first.stdout + first.stderr).toContain(`${scenario.namespace}/${pod.name}`);
    expect(await find(claim.ref)).toBeUndefined();
    expect(await pod.fuseMounts()).toEqual([]);

    await pod.delete();
    await product.uninstall();

    await waitUntil(
      'nothing of the chart is left',
      async () => (await listOwnObjects()).length === 0,
      120_000,
    );
    for (const node of NODES) expect(await listNodeFolder(node, STAGE_DIR)).toEqual([]);
    const crds = await list('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
    const ours = crds.filter((crd) => crd['spec']?.group === GROUP);
    expect(ours).toHaveLength(2);
    // And what stays of them can be deleted without us.
    const classes = await list(`${GROUP}/${API_VERSION}`, 'StorageProviderClass');
    expect(classes.filter(({ metadata }) => metadata?.finalizers)).toEqual([]);
  },
  timeoutMs,
);
