// What do the values bring that only some clusters need?
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkoutPath } from '../../../../deploy/images/checkout.ts';
import type { AnyObject } from './render-chart.ts';
import { containersOf, environmentOf, findOne, podSpecOf, render } from './render-chart.ts';

const WORKLOADS = [
  ['controller', 'Deployment', 'controller'],
  ['webhook', 'Deployment', 'webhook'],
  ['csiNode', 'DaemonSet', 'csi-node'],
] as const;

describe('the webhook', () => {
  it('serves on while it ends, for as long as requests are still sent to it', async () => {
    const spec = podSpecOf(findOne(await render(), 'Deployment', 'webhook'));
    const waits = spec?.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0;

    expect(waits).toBeGreaterThanOrEqual(5);
    // A request in flight takes up to 5 s more.
    expect(spec?.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(waits + 10);
  });
});

describe('injection', () => {
  it('adds and takes whole objects: an entry that cert-manager has written into could not be taken', async () => {
    const entries = (objects: readonly AnyObject[]) =>
      objects
        .filter(({ kind }) => kind?.endsWith('WebhookConfiguration'))
        .map(({ kind, metadata, webhooks }) => [
          `${kind} ${metadata?.name}`,
          (webhooks as { name: string }[]).map(({ name }) => name),
        ]);

    const withPolicies = entries(await render('injection=policy'));

    expect(withPolicies).toHaveLength(1);
    expect(entries(await render())).toEqual(expect.arrayContaining(withPolicies));
  });
});

describe('image.pullPolicy', () => {
  it('holds for our pods and for mount pods', async () => {
    const objects = await render('image.pullPolicy=Always', 'temporal.devServer.enabled=true');

    for (const { imagePullPolicy } of containersOf(objects)) expect(imagePullPolicy).toBe('Always');
    expect(environmentOf(objects, 'Deployment', 'controller')['MOUNT_POD_PULL_POLICY']).toBe(
      'Always',
    );
  });
});

describe('where pods run', () => {
  it.each(WORKLOADS)('is said by %s', async (value, kind, name) => {
    const objects = await render(
      `${value}.nodeSelector.pool=infra`,
      `${value}.tolerations[0].key=infra`,
      `${value}.tolerations[0].operator=Exists`,
      `${value}.priorityClassName=high`,
    );

    expect(podSpecOf(findOne(objects, kind, name))).toMatchObject({
      nodeSelector: { pool: 'infra' },
      tolerations: [{ key: 'infra', operator: 'Exists' }],
      priorityClassName: 'high',
    });
  });
});

describe('log levels', () => {
  it.each(WORKLOADS)('of %s are in the file that it follows', async (value, kind, name) => {
    const objects = await render(`${value}.logLevel=debug`);

    const { data } = findOne(objects, 'ConfigMap', 'dynvol-log-levels');
    expect(data).toMatchObject({ [name]: 'debug' });
    const file = environmentOf(objects, kind, name)['LOG_LEVEL_FILE'];
    const spec = podSpecOf(findOne(objects, kind, name));
    const volume = spec?.volumes?.find(({ configMap }) => configMap?.name === 'dynvol-log-levels');
    const mount = spec?.containers[0]?.volumeMounts?.find((one) => one.name === volume?.name);
    expect(file).toBe(`${mount?.mountPath}/${name}`);
  });
});

describe('tracing.endpoint', () => {
  it('is told to the controller, and reached through network policies', async () => {
    const endpoint = 'http://collector.example:4318';
    const objects = await render(`tracing.endpoint=${endpoint}`, 'networkPolicies.enabled=true');

    expect(environmentOf(objects, 'Deployment', 'controller')['TRACING_ENDPOINT']).toBe(endpoint);
    const { spec } = findOne(objects, 'NetworkPolicy', 'dynvol-controller');
    expect(spec.egress).toContainEqual({ ports: [{ protocol: 'TCP', port: 4318 }] });
  });
});

describe('metrics', () => {
  const labels = 'metrics.labels.release=prometheus';

  it('serviceMonitor finds a Service with the port that each process has', async () => {
    const objects = await render('metrics.serviceMonitor.enabled=true', labels);
    const { metadata, spec } = findOne(objects, 'ServiceMonitor', 'dynvol');
    const service = findOne(objects, 'Service', 'dynvol-metrics');

    expect(metadata?.labels).toMatchObject({ release: 'prometheus' });
    expect(service.metadata?.labels).toMatchObject(spec.selector.matchLabels);
    const [port] = service['spec'].ports;
    expect(spec.endpoints).toMatchObject([{ port: port.name, path: '/metrics', interval: '30s' }]);
    for (const [, kind, name] of WORKLOADS) {
      const [container] = podSpecOf(findOne(objects, kind, name))?.containers ?? [];
      expect(container?.ports?.map((one) => one.name)).toContain(port.targetPort);
    }
  });

  it('rules link to where people read the page', async () => {
    const page = 'https://docs.example.com/dynvol/troubleshoot';
    const objects = await render(
      'metrics.rules.enabled=true',
      `metrics.rules.runbookUrl=${page}`,
      labels,
    );
    const { metadata } = findOne(objects, 'PrometheusRule', 'dynvol');

    expect(metadata?.labels).toMatchObject({ release: 'prometheus' });
    const links = listLinks(objects);
    expect(links.filter((link) => !link?.startsWith(`${page}#dynvol`))).toEqual([]);
  });

  it('rules have no link that leads nowhere', async () => {
    const links = listLinks(await render('metrics.rules.enabled=true'));

    expect(links.length).toBeGreaterThan(10);
    expect(links.filter((link) => link !== undefined)).toEqual([]);
    await expect(render('metrics.rules.runbookUrl=docs/troubleshoot.md')).rejects.toThrow(
      "at '/metrics/rules/runbookUrl': 'docs/troubleshoot.md' does not match pattern",
    );
  });

  it('dashboard is a ConfigMap that holds it as it is', async () => {
    const objects = await render('metrics.dashboard.enabled=true', labels);
    const { data, metadata } = findOne(objects, 'ConfigMap', 'dynvol-dashboard');

    expect(metadata?.labels).toMatchObject({ grafana_dashboard: '1', release: 'prometheus' });
    const file = readFileSync(checkoutPath('deploy/chart/observability/dashboard.json'), 'utf8');
    expect(JSON.parse(data['dynvol.json'])).toEqual(JSON.parse(file));
  });

  function listLinks(objects: AnyObject[]): (string | undefined)[] {
    const groups = findOne(objects, 'PrometheusRule', 'dynvol')['spec'].groups as AnyObject[];
    return groups.flatMap(({ rules }) =>
      (rules as AnyObject[]).map(({ annotations }) => annotations.runbook_url as string),
    );
  }
});

describe('network policies', () => {
  it('name ports alone that containers behind them have', async () => {
    const objects = await render('networkPolicies.enabled=true', 'temporal.devServer.enabled=true');
    const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');

    const named = policies.flatMap(({ metadata, spec }) =>
      listIngressPorts(spec).map((port) => ({ policy: metadata?.name, spec, port })),
    );
    expect(named.length).toBeGreaterThan(5);
    for (const { policy, spec, port } of named) {
      const ports = listPortsBehind(objects, spec.podSelector.matchLabels);
      expect({ policy, port, ports }).toMatchObject({ ports: expect.arrayContaining([port]) });
    }
  });

  function listIngressPorts(spec: AnyObject): string[] {
    const rules = (spec['ingress'] ?? []) as AnyObject[];
    return rules.flatMap(({ ports }) => (ports as AnyObject[]).map(({ port }) => port as string));
  }

  function listPortsBehind(objects: AnyObject[], selector: Record<string, string>): string[] {
    const chosen = objects.filter(({ spec }) =>
      Object.entries(selector).every(
        ([key, value]) => spec?.template?.metadata?.labels?.[key] === value,
      ),
    );
    return containersOf(chosen).flatMap(({ ports }) => (ports ?? []).map((one) => one.name ?? ''));
  }
});

describe('OpenShift', () => {
  it('admits volume roots in namespaces of the profile restricted', async () => {
    const driver = (await render()).find(({ kind }) => kind === 'CSIDriver');

    expect(driver?.metadata?.labels).toMatchObject({
      'security.openshift.io/csi-ephemeral-volume-profile': 'restricted',
    });
  });

  it('is asked for nothing elsewhere', async () => {
    expect(listConstraints(await render())).toEqual([]);
  });

  it('gives the agents alone its privileged constraints, and every other pod of ours some', async () => {
    const objects = await render('openshift.enabled=true', 'temporal.devServer.enabled=true');
    const given = listConstraints(objects);

    const privileged = given.filter(({ constraints }) => constraints === 'privileged');
    expect(privileged.map(({ account }) => account)).toEqual(['dynvol-system/dynvol-csi-node']);
    const accounts = given.map(({ account }) => account);
    for (const spec of objects.map(podSpecOf).filter((one) => one !== undefined))
      expect(accounts).toContain(`dynvol-system/${spec.serviceAccountName ?? 'default'}`);
    // That of mount pods (activities/mount-pod-spec.ts names none).
    expect(accounts).toContain('dynvol-mounts/default');
  });

  it('still lets the Job run that comes after the uninstallation', async () => {
    const objects = await render('openshift.enabled=true');
    const binding = findOne(objects, 'RoleBinding', 'dynvol-free-classes-scc');

    expect(binding.metadata?.annotations?.['helm.sh/hook']).toBe('post-delete');
  });

  function listConstraints(objects: AnyObject[]): { constraints: string; account: string }[] {
    const prefix = 'system:openshift:scc:';
    return objects
      .filter(({ roleRef }) => String(roleRef?.name).startsWith(prefix))
      .flatMap(({ metadata, roleRef, subjects }) =>
        (subjects as AnyObject[]).map(({ name, namespace }) => {
          // A binding holds for pods of its own namespace.
          expect(metadata?.namespace).toBe(namespace);
          return {
            constraints: String(roleRef.name).slice(prefix.length),
            account: `${namespace}/${String(name)}`,
          };
        }),
      );
  }
});
