// Which objects does the cluster have from the start?
import { addresses, ports } from './addresses.ts';
import type { KubeApi, KubernetesObject } from './kube-api.ts';

type Port = { name: string; port: number; protocol?: 'UDP'; address: string };

/** A REST collection and an object to create in it. */
export type BootstrapObject = { path: string; object: KubernetesObject };

/** Creates every bootstrap object in a new cluster, in order. */
export async function createBootstrapObjects(api: KubeApi): Promise<void> {
  for (const { path, object } of buildBootstrapObjects()) {
    const { status, body } = await api.call('POST', path, object);
    // 409: the API server makes kube-system and some roles itself, at its own time.
    if (status !== 201 && status !== 409) {
      throw new Error(`The API server refused an object for ${path}: ${JSON.stringify(body)}`);
    }
  }
}

/** Builds namespaces, the Services of processes that are not pods, and the roles of such processes. */
export function buildBootstrapObjects(): BootstrapObject[] {
  const s3 = [
    { name: 'https', port: ports.s3Tls, address: addresses.s3Tls },
    { name: 'http', port: ports.s3Plain, address: addresses.s3Plain },
  ];
  const dns: Port[] = [
    { name: 'dns', port: 53, protocol: 'UDP', address: addresses.dns },
    { name: 'dns-tcp', port: 53, address: addresses.dns },
  ];
  const temporal = [{ name: 'grpc', port: ports.temporal, address: addresses.node }];
  return [
    ...['kube-system', 'temporal', 'storage'].map(buildNamespace),
    ...buildRoles(),
    ...buildService('kube-system', 'kube-dns', dns, addresses.dnsService),
    ...buildService('temporal', 'temporal-frontend', temporal),
    ...buildService('storage', 's3', s3),
  ];
}

function buildNamespace(name: string): BootstrapObject {
  return {
    path: '/api/v1/namespaces',
    object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
  };
}

/** A Service without selector, and for each of its ports a slice that names the process's address. */
function buildService(
  namespace: string,
  name: string,
  servicePorts: readonly Port[],
  clusterIP?: string,
): BootstrapObject[] {
  const spec = { ports: servicePorts.map(withoutAddress), ...(clusterIP ? { clusterIP } : {}) };
  const object = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec };
  const slices = servicePorts.map((port) => ({
    path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    object: buildEndpointSlice(namespace, name, port),
  }));
  return [{ path: `/api/v1/namespaces/${namespace}/services`, object }, ...slices];
}

function buildEndpointSlice(namespace: string, service: string, port: Port): KubernetesObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-${port.name}`,
      namespace,
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [port.address], conditions: { ready: true } }],
    ports: [withoutAddress(port)],
  };
}

function withoutAddress(port: Port): Omit<Port, 'address'> {
  const { name, protocol } = port;
  return { name, port: port.port, ...(protocol === undefined ? {} : { protocol }) };
}

/** The API server may ask the kubelet for logs and exec; CoreDNS may read names. */
function buildRoles(): BootstrapObject[] {
  const readNames = [
    { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'] },
  ].map((rule) => ({ ...rule, verbs: ['list', 'watch'] }));
  const group = 'rbac.authorization.k8s.io';
  const role = { apiVersion: `${group}/v1`, kind: 'ClusterRole', rules: readNames };
  return [
    {
      path: `/apis/${group}/v1/clusterroles`,
      object: { ...role, metadata: { name: 'stack:coredns' } },
    },
    buildRoleBinding('stack:coredns', 'stack:coredns', 'coredns'),
    buildRoleBinding('stack:kubelet-api', 'system:kubelet-api-admin', 'kube-apiserver-kubelet'),
  ];
}

function buildRoleBinding(name: string, role: string, user: string): BootstrapObject {
  const group = 'rbac.authorization.k8s.io';
  return {
    path: `/apis/${group}/v1/clusterrolebindings`,
    object: {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
      subjects: [{ apiGroup: group, kind: 'User', name: user }],
    },
  };
}
