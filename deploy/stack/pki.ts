// Which keys and certificates does the stack have, and who do they name?
import { mkdir } from 'node:fs/promises';
import { addresses, sampleEndpoints } from './addresses.ts';
import { nodes, type StackNode } from './nodes.ts';
import { run } from './shell.ts';
import { stackPaths } from './stack-paths.ts';

/** Names of the certificates, each with a `.crt` and a `.key` in the folder of the keys. */
export type Identity = { name: string; subject: string; alternativeNames?: readonly string[] };

/** Everybody in the stack who proves who they are; the subject is what Kubernetes authorizes. */
export const identities: readonly Identity[] = [
  {
    name: 'kube-apiserver',
    subject: '/CN=kube-apiserver',
    alternativeNames: [
      ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost'],
      'kubernetes.default.svc.cluster.local',
      ...['127.0.0.1', addresses.node, addresses.kubernetesService],
    ],
  },
  { name: 'kube-apiserver-kubelet', subject: '/CN=kube-apiserver-kubelet' },
  { name: 'admin', subject: '/O=system:masters/CN=admin' },
  { name: 'kube-controller-manager', subject: '/CN=system:kube-controller-manager' },
  { name: 'kube-scheduler', subject: '/CN=system:kube-scheduler' },
  { name: 'kube-proxy', subject: '/CN=system:kube-proxy' },
  { name: 'coredns', subject: '/CN=coredns' },
  ...nodes.map((node) => ({
    name: kubeletIdentity(node),
    subject: `/O=system:nodes/CN=system:node:${node.name}`,
    alternativeNames: [node.name, node.address],
  })),
  {
    name: 's3',
    subject: '/CN=s3',
    alternativeNames: [
      ...[sampleEndpoints.tls, sampleEndpoints.plain, 's3.storage.svc', 'localhost'],
      's3.storage.svc.cluster.local',
      ...[addresses.s3Tls, addresses.node, '127.0.0.1'],
    ],
  },
];

/** Name of the identity of a node's kubelet. */
export function kubeletIdentity(node: StackNode): string {
  return `kubelet-${node.name}`;
}

/** Makes the authority, every identity's certificate and the key that signs service account tokens. */
export async function ensureKeys(): Promise<void> {
  await mkdir(stackPaths.pki, { recursive: true, mode: 0o755 });
  await run([
    'openssl',
    'req',
    '-x509',
    ...newKey('ca'),
    ...authority,
    '-out',
    stackPaths.caCertificate,
  ]);
  await Promise.all([ensureServiceAccountKey(), ...identities.map(ensureCertificate)]);
}

/** Path of an identity's private key. */
export function keyPath(name: string): string {
  return `${stackPaths.pki}/${name}.key`;
}

/** Path of an identity's certificate. */
export function certificatePath(name: string): string {
  return `${stackPaths.pki}/${name}.crt`;
}

const lifetime = ['-days', '3650'];
const authority = [
  ...lifetime,
  ...['-subj', '/CN=dynvol-stack', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
];

/** Path of the public half of the key that signs service account tokens. */
export const serviceAccountPublicKey = `${stackPaths.pki}/service-account.pub`;

async function ensureServiceAccountKey(): Promise<void> {
  const curve = ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const path = keyPath('service-account');
  await run(['openssl', 'genpkey', ...curve, '-out', path]);
  await run(['openssl', 'pkey', '-in', path, '-pubout', '-out', serviceAccountPublicKey]);
}

async function ensureCertificate({ name, subject, alternativeNames }: Identity): Promise<void> {
  const issuer = ['-CA', stackPaths.caCertificate, '-CAkey', keyPath('ca')];
  const extensions = [
    'basicConstraints=critical,CA:FALSE',
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(alternativeNames ? [`subjectAltName=${alternativeNames.map(asAltName).join(',')}`] : []),
  ].flatMap((extension) => ['-addext', extension]);
  const output = ['-out', certificatePath(name), ...lifetime, '-subj', subject];
  await run(['openssl', 'req', '-x509', ...newKey(name), ...output, ...issuer, ...extensions]);
}

function newKey(name: string): string[] {
  return [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-noenc',
    '-keyout',
    keyPath(name),
  ];
}

function asAltName(name: string): string {
  return `${/^[\d.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`;
}
