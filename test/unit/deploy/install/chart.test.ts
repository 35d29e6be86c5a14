// What does the chart make of its values, and which does it refuse? (Helm itself renders it)
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CONSOLE_PORT, CONTROLLER_IDENTITY } from '../../../../api/names.ts';
import { checkoutPath } from '../../../../deploy/images/checkout.ts';
import type { AnyObject } from './render-chart.ts';
import {
  containersOf,
  environmentOf,
  findOne,
  podSpecOf,
  readObjects,
  render,
  runHelm,
} from './render-chart.ts';

describe('a value that is wrong', () => {
  it.each([
    ['controller.replica=2', "at '/controller': additional properties 'replica' not allowed"],
    ['replicas=2', "at '': additional properties 'replicas' not allowed"],
    ['controller.replicas=two', "at '/controller/replicas': got string, want integer"],
    ['webhook.replicas=0', "at '/webhook/replicas': minimum: got 0, want 1"],
    ['csiNode.logLevel=loud', "at '/csiNode/logLevel': value must be one of 'trace', 'debug'"],
    [
      'image.registry=registry.example.com',
      "at '/image/registry': 'registry.example.com' does not",
    ],
    ['image.digests.mount-pod=latest', "at '/image/digests/mount-pod': 'latest' does not match"],
    ['temporal.address=temporal', "at '/temporal/address': 'temporal' does not match pattern"],
    ['kubeletPath=/var/lib/kubelet/', "at '/kubeletPath': '/var/lib/kubelet/' does not match"],
    ['csiNode.resources.limit.cpu=1', "at '/csiNode/resources': additional properties 'limit'"],
    ['uninstall.claims=keep', "at '/uninstall/claims': value must be one of 'refuse', 'delete'"],
    ['injection=cel', "at '/injection': value must be one of 'webhook', 'policy'"],
    ['temporal.apiKey.secretName=key', 'temporal.apiKey.secretName needs temporal.tls.enabled'],
    ['temporal.tls.secretName=tls', 'mean nothing without temporal.tls.enabled'],
    ['temporal.devServer.enabled=true,temporal.tls.enabled=true', 'exclude each other'],
  ])('is refused with its name: %s', async (setting, sentence) => {
    await expect(render(setting)).rejects.toThrow(sentence);
  });
});

describe('the chart as it is', () => {
  let objects: AnyObject[];
  beforeAll(async () => {
    objects = await render();
  });

  it('has the version of the images that this checkout makes', () => {
    const { version } = JSON.parse(readFileSync(checkoutPath('package.json'), 'utf8')) as {
      version: string;
    };
    for (const chart of ['chart', 'chart-crds']) {
      const text = readFileSync(checkoutPath('deploy', chart, 'Chart.yaml'), 'utf8');
      expect(parse(text)).toMatchObject({ appVersion: version });
    }
  });

  it('gives no container but that of the agents any privilege', () => {
    const others = containersOf(objects).filter(({ name }) => name !== 'csi-node');

    expect(others.map(({ name }) => name).sort()).toEqual([
      'check',
      'controller',
      'free-classes',
      'uninstall',
      'webhook',
    ]);
    for (const { securityContext } of others) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  it('signs all certificates by one authority, which the API server is told', () => {
    const authority = findOne(objects, 'Secret', 'dynvol-certificates')['data']['ca.crt'];
    const bundles = objects
      .flatMap((object) => (object['webhooks'] ?? []) as AnyObject[])
      .map((webhook) => webhook['clientConfig'].caBundle);

    expect(bundles).toHaveLength(6);
    expect(new Set(bundles)).toEqual(new Set([authority]));
    expect(findOne(objects, 'Secret', 'dynvol-worker-tls')['data']['ca.crt']).toBe(authority);
  });

  it('leads the Service of the console to its port', () => {
    const { ports } = findOne(objects, 'Service', 'dynvol-console')['spec'];
    const [controller] = podSpecOf(findOne(objects, 'Deployment', 'controller'))?.containers ?? [];

    expect(ports).toMatchObject([{ port: 443, targetPort: 'console' }]);
    expect(controller?.ports).toContainEqual({ name: 'console', containerPort: CONSOLE_PORT });
  });

  it('lets who may edit change claims, and who may view only look, at classes too', () => {
    const view = findOne(objects, 'ClusterRole', 'dynvol-view');
    const edit = findOne(objects, 'ClusterRole', 'dynvol-edit');

    expect(view['rules']).toMatchObject([
      {
        resources: ['dynamicvolumeclaims', 'storageproviderclasses'],
        verbs: ['get', 'list', 'watch'],
      },
    ]);
    expect(edit['rules']).toMatchObject([{ resources: ['dynamicvolumeclaims'] }]);
    const aggregation = (role: AnyObject) =>
      Object.keys(role.metadata?.labels ?? {}).filter((key) => key.includes('/aggregate-to-'));
    expect(aggregation(view)).toHaveLength(1);
    expect(aggregation(edit)).toHaveLength(2);
  });

  it('never lets a pod disruption budget hold up the drain of a node for good', () => {
    const budgets = objects.filter(({ kind }) => kind === 'PodDisruptionBudget');

    expect(budgets.map(({ spec }) => spec.maxUnavailable)).toEqual([1, 1]);
  });

  it('leaves no hook behind that went well: an uninstallation does not take hooks away', () => {
    const annotations = objects.map(({ metadata }) => metadata?.annotations ?? {});
    const hooks = annotations.filter((one) => 'helm.sh/hook' in one);

    expect(hooks.length).toBeGreaterThan(0);
    for (const hook of hooks)
      expect(hook['helm.sh/hook-delete-policy']).toBe('before-hook-creation,hook-succeeded');
  });

  it('asks before the uninstallation, without the right to delete claims', () => {
    const role = findOne(objects, 'ClusterRole', 'dynvol-uninstall');

    expect(role['rules'][0].verbs).toEqual(['list']);
    expect(environmentOf(objects, 'Job', 'dynvol-uninstall')).toEqual({
      UNINSTALL_CLAIMS: 'refuse',
    });
  });
});

describe('a value', () => {
  it('image.registry and image.digests name every image', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const objects = await render(
      'image.registry=registry.example.com/',
      `image.digests.mount-pod=${digest}`,
      'temporal.devServer.enabled=true',
    );

    for (const { image } of containersOf(objects))
      expect(image).toMatch(/^registry\.example\.com\/dynvol\//);
    const mountPod = environmentOf(objects, 'Deployment', 'controller')['MOUNT_POD_IMAGE'];
    expect(mountPod).toMatch(new RegExp(`^registry.example.com/dynvol/mount-pod:.+@${digest}$`));
  });

  it('image.pullSecrets reaches our pods and mount pods', async () => {
    const objects = await render('image.pullSecrets[0].name=a', 'image.pullSecrets[1].name=b');

    for (const spec of objects.map(podSpecOf).filter((one) => one !== undefined))
      expect(spec.imagePullSecrets).toEqual([{ name: 'a' }, { name: 'b' }]);
    expect(environmentOf(objects, 'Deployment', 'controller')['MOUNT_POD_PULL_SECRETS']).toBe(
      'a,b',
    );
  });

  it('kubeletPath is where the agent has the folder, and what it is told', async () => {
    const folder = '/var/lib/k0s/kubelet';
    const objects = await render(`kubeletPath=${folder}`);

    expect(environmentOf(objects, 'DaemonSet', 'csi-node')['KUBELET_DIR']).toBe(folder);
    const spec = podSpecOf(findOne(objects, 'DaemonSet', 'csi-node'));
    const mount = spec?.containers[0]?.volumeMounts?.find(({ name }) => name === 'kubelet');
    expect(mount?.mountPath).toBe(folder);
    expect(spec?.volumes?.find(({ name }) => name === 'kubelet')?.hostPath?.path).toBe(folder);
    expect(JSON.stringify(objects)).not.toContain('/var/lib/kubelet');
  });

  it('temporal.tls and temporal.apiKey bring the Secrets to the controller and the check', async () => {
    const objects = await render(
      'temporal.tls.enabled=true',
      'temporal.tls.secretName=temporal-tls-secret',
      'temporal.apiKey.secretName=temporal-key-secret',
    );

    for (const [kind, name] of [
      ['Deployment', 'controller'],
      ['Pod', 'dynvol-check'],
    ] as const) {
      expect(environmentOf(objects, kind, name)).toMatchObject({
        TEMPORAL_TLS: 'true',
        TEMPORAL_TLS_DIR: '/etc/dynvol/temporal-tls',
        TEMPORAL_API_KEY_FILE: '/etc/dynvol/temporal-api-key/api-key',
      });
      const spec = podSpecOf(findOne(objects, kind, name));
      const mounts = spec?.containers[0]?.volumeMounts ?? [];
      expect(mounts.map(({ mountPath }) => mountPath)).toEqual(
        expect.arrayContaining(['/etc/dynvol/temporal-tls', '/etc/dynvol/temporal-api-key']),
      );
    }
  });

  it('temporal.devServer.enabled runs a server and leads the controller to it', async () => {
    const objects = await render('temporal.devServer.enabled=true');

    expect(environmentOf(objects, 'Deployment', 'controller')['TEMPORAL_ADDRESS']).toBe(
      'temporal.dynvol-system.svc:7233',
    );
    expect(findOne(objects, 'Service', 'temporal')['spec'].ports[0].port).toBe(7233);
  });

  it('certificates.certManager.enabled leaves all keys to cert-manager', async () => {
    const objects = await render('certificates.certManager.enabled=true');

    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(JSON.stringify(objects)).not.toContain('caBundle');
    const worker = findOne(objects, 'Certificate', 'dynvol-worker-tls')['spec'];
    expect(worker.dnsNames).toEqual([CONTROLLER_IDENTITY, 'dynvol-console.dynvol-system.svc']);
    // The controller takes keys of agents on this curve, and authorities as well.
    const authority = findOne(objects, 'Certificate', 'dynvol-authority')['spec'];
    expect(authority.privateKey).toMatchObject({ algorithm: 'ECDSA', size: 256 });
  });

  it('injection: policy asks no webhook about new pods', async () => {
    const objects = await render('injection=policy');

    expect(objects.some(({ kind }) => kind === 'MutatingWebhookConfiguration')).toBe(false);
    expect(objects.some(({ kind }) => kind === 'MutatingAdmissionPolicy')).toBe(true);
  });

  it('networkPolicies.enabled denies what no other policy allows, in both namespaces', async () => {
    const objects = await render('networkPolicies.enabled=true', 'temporal.address=t.example:4433');
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');

    for (const namespace of ['dynvol-system', 'dynvol-mounts']) {
      const all = policies.find(
        ({ metadata }) => metadata?.namespace === namespace && metadata.name === 'dynvol-default',
      );
      expect(all?.['spec']).toMatchObject({
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
      });
      expect(all?.['spec'].ingress).toBeUndefined();
    }
    const temporal = findOne(policies, 'NetworkPolicy', 'dynvol-to-temporal')['spec'];
    expect(temporal.egress).toEqual([{ ports: [{ protocol: 'TCP', port: 4433 }] }]);
  });

  it('networkPolicies.enabled keeps mount pods from where clouds hand out credentials', async () => {
    const policies = (await render('networkPolicies.enabled=true')).filter(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata?.namespace === 'dynvol-mounts',
    );
    const { egress } = findOne(policies, 'NetworkPolicy', 'dynvol-default')['spec'];
    expect(JSON.stringify(egress)).toContain('"except":["169.254.169.254/32"]');
    expect(JSON.stringify(egress)).toContain('"except":["fd00:ec2::254/128"]');
  });

  it('uninstall.claims: delete lets the Job delete claims', async () => {
    const objects = await render('uninstall.claims=delete');

    const role = findOne(objects, 'ClusterRole', 'dynvol-uninstall');
    expect(role['rules'][0].verbs).toEqual(['list', 'delete']);
  });
});

describe('install.yaml', () => {
  const manifest = readFileSync(checkoutPath('deploy/install.yaml'), 'utf8');
  const objects = readObjects(manifest);

  it('holds no key', () => {
    expect(manifest).not.toMatch(/PRIVATE KEY|tls\.key|ca\.key/);
    expect(objects.some(({ kind }) => kind === 'Secret')).toBe(false);
  });

  it('brings the namespaces, with their Pod Security, and the custom resources', () => {
    const label = 'pod-security.kubernetes.io/enforce';
    const levels = ['dynvol-system', 'dynvol-mounts'].map(
      (name) => findOne(objects, 'Namespace', name).metadata?.labels?.[label],
    );

    expect(levels).toEqual(['privileged', 'restricted']);
    expect(objects.filter(({ kind }) => kind === 'CustomResourceDefinition')).toHaveLength(2);
  });

  it('has nothing that only Helm would run', () => {
    expect(manifest).not.toContain('helm.sh/hook');
  });
});

it('the chart of the custom resources is kept when it is uninstalled', async () => {
  const crds = readObjects(await runHelm('template', 'x', checkoutPath('deploy/chart-crds')));

  expect(crds).toHaveLength(2);
  for (const { metadata } of crds)
    expect(metadata?.annotations?.['helm.sh/resource-policy']).toBe('keep');
});
