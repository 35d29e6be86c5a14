// In which containers does the storage appear, and who is told when it does not?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DRIVER_NAME,
  NAMESPACE_INJECTION_LABEL,
  POD_ANNOTATIONS,
  ROOT_VOLUME_NAME,
  VOLUME_ATTRIBUTES,
} from '../../api/names.ts';
import type { AnyObject } from './kube.ts';
import { buildContainer } from './pod.ts';
import { HEAL_MS, ROOT_PATH, Scenario } from './scenario.ts';

const file = `${ROOT_PATH}/data/hello.txt`;
const rootMount = { name: ROOT_VOLUME_NAME, mountPath: ROOT_PATH, readOnly: true };

function mountsOf(container: AnyObject | undefined): AnyObject[] {
  const mounts = (container?.['volumeMounts'] ?? []) as AnyObject[];
  return mounts.filter((mount) => mount['name'] === ROOT_VOLUME_NAME);
}

/** The volume as the webhook would add it. */
function buildVolume(className: string): AnyObject {
  const volumeAttributes = {
    [VOLUME_ATTRIBUTES.className]: className,
    [VOLUME_ATTRIBUTES.dispatchPolicy]: 'independent',
  };
  return {
    name: ROOT_VOLUME_NAME,
    csi: { driver: DRIVER_NAME, readOnly: true, volumeAttributes },
  };
}

describe.concurrent('the storage of an annotated pod', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await Scenario.create('root');
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it('appears only in the containers that its annotation names', async () => {
    const labels = { app: 'limited' };
    const pod = await scenario.runningPod({
      labels,
      annotations: { [POD_ANNOTATIONS.containers]: 'app' },
      spec: { containers: [buildContainer('app'), buildContainer('side')] },
    });

    const claim = await scenario.readyClaim({ name: 'limited', selector: labels });

    expect(await pod.shellOk(`cat ${file}`, 'app')).toContain('hello');
    expect((await pod.shell(`cat ${file}`, 'side')).status).not.toBe(0);
    expect((await claim.status())['attached']).toBe(1);
  });

  it('needs a container for every name in its annotation', async () => {
    const refused = scenario.pod({ annotations: { [POD_ANNOTATIONS.containers]: 'nobody' } });

    await expect(refused).rejects.toThrow('nobody');
  });

  it('appears in init containers and native sidecars', async () => {
    const labels = { app: 'init' };
    const waits = ['sh', '-c', `until [ -e ${file} ]; do sleep 0.2; done`];
    const pod = await scenario.pod({
      labels,
      spec: {
        initContainers: [
          { ...buildContainer('sidecar'), restartPolicy: 'Always' },
          buildContainer('waits', waits),
        ],
      },
    });

    // The init container ends only because the storage comes while the pod is still starting.
    const claim = await scenario.readyClaim({ name: 'init', selector: labels });
    await pod.waitRunning();

    expect(await pod.shellOk(`cat ${file}`, 'sidecar')).toContain('hello');
    expect(await pod.shellOk(`cat ${file}`, 'app')).toContain('hello');
    expect((await claim.status())['attached']).toBe(1);
  });
});

describe.concurrent('a namespace that is switched on by its label', () => {
  const labels = { [NAMESPACE_INJECTION_LABEL.key]: NAMESPACE_INJECTION_LABEL.value };
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await Scenario.create('switched', { labels });
    const annotations = {
      [POD_ANNOTATIONS.className]: scenario.className,
      [POD_ANNOTATIONS.rootPath]: ROOT_PATH,
    };
    await scenario.describeNamespace({ labels, annotations });
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it('has the storage in pods that say nothing', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'plain' }, annotated: false });
    await scenario.readyClaim({ name: 'plain', selector: { app: 'plain' } });

    expect(await pod.shellOk(`cat ${file}`)).toContain('hello');
  });

  it('leaves the last word to the annotations of a pod', async () => {
    const pod = await scenario.pod({
      annotated: false,
      annotations: { [POD_ANNOTATIONS.rootPath]: '/own-root' },
    });

    const [container] = (await pod.spec())['containers'] as AnyObject[];
    expect(mountsOf(container).map((mount) => mount['mountPath'])).toEqual(['/own-root']);
  });
});

describe.concurrent('a container that mounts the volume root without HostToContainer', () => {
  it('is found and named', async () => {
    // The webhook, which would refuse the pod, has no say in kube-system.
    const namespace = 'kube-system';
    await using scenario = await Scenario.create('private');
    const labels = { 'dynvol-test': scenario.namespace };
    const good = { ...rootMount, mountPropagation: 'HostToContainer' };
    const pod = await scenario.runningPod({
      namespace,
      labels,
      annotated: false,
      spec: {
        containers: [
          { ...buildContainer('good'), volumeMounts: [good] },
          { ...buildContainer('private'), volumeMounts: [rootMount] },
        ],
        volumes: [buildVolume(scenario.className)],
      },
    });
    const claim = await scenario.claim({ name: scenario.namespace, namespace, selector: labels });
    try {
      const message = await claim.waitCondition('PropagationMissing', HEAL_MS);

      for (const part of [pod.name, 'private', 'HostToContainer']) expect(message).toContain(part);
      expect(await pod.shellOk(`cat ${file}`, 'good')).toContain('hello');
    } finally {
      await claim.delete();
      await pod.delete();
    }
  });

  it('is refused where the webhook has a say', async () => {
    await using scenario = await Scenario.create('handmade');

    const refused = scenario.pod({
      annotated: false,
      spec: {
        containers: [{ ...buildContainer('app'), volumeMounts: [rootMount] }],
        volumes: [buildVolume(scenario.className)],
      },
    });

    await expect(refused).rejects.toThrow('HostToContainer');
  });
});
