// Whom does the webhook warn?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLASS_PARAMETERS, NAMESPACE_INJECTION_LABEL, POD_ANNOTATIONS } from '../../api/names.ts';
import { waitUntil } from '../wait-until.ts';
import { apply } from './kube.ts';
import { run } from './programs.ts';
import { Scenario } from './scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.create('warned');
});
afterAll(async () => {
  await scenario.destroy();
});

const kubectl = (...args: string[]) =>
  run('kubectl', [`--namespace=${scenario.namespace}`, ...args]);

describe('who makes a pod in a namespace with the injection label', () => {
  const setLabels = (labels: Record<string, string>) =>
    apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: scenario.namespace, labels } });
  afterAll(async () => {
    await setLabels({});
  });

  it('is told that the annotations of the namespace are missing, and has the pod', async () => {
    await setLabels({ [NAMESPACE_INJECTION_LABEL.key]: NAMESPACE_INJECTION_LABEL.value });

    // The API server learns of a label by a watch of its own.
    await waitUntil('the pod is admitted with a warning', async () => {
      const image = '--image=dynvol/busybox:0.2.0';
      const { status, stderr } = await kubectl('run', 'dry-run', image, '--dry-run=server');
      return status === 0 && stderr.includes('mend the annotations of the namespace');
    });
  });
});

describe('who annotates a pod that exists', () => {
  it('is told that it needs a new pod', async () => {
    const pod = await scenario.pod({ annotated: false });
    const annotation = `${POD_ANNOTATIONS.className}=${scenario.className}`;

    const { status, stderr } = await kubectl('annotate', 'pod', pod.name, annotation);

    expect(status).toBe(0);
    expect(stderr).toContain('it needs a new pod');
  });
});

describe('who edits a class that everybody may use anywhere', () => {
  const edit = (patch: object) =>
    kubectl(
      'patch',
      'storageproviderclass',
      scenario.className,
      '--dry-run=server',
      '--type=merge',
      `--patch=${JSON.stringify(patch)}`,
    );

  it('is told so with each change of its spec, and with no other', async () => {
    const key = CLASS_PARAMETERS.cpuRequest;
    const spec = await edit({ spec: { parameters: { [key]: '20m' } } });
    const metadata = await edit({ metadata: { annotations: { note: 'x' } } });

    expect(spec).toMatchObject({ status: 0 });
    expect(spec.stderr).toContain('spec.allowedNamespaces is not set');
    expect(metadata).toMatchObject({ status: 0, stderr: '' });
  });
});
