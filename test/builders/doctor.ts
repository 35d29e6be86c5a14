// What does `doctor` see in a cluster in which all is well?
import {
  CLAIM_PLURAL,
  CLASS_PLURAL,
  DRIVER_NAME,
  MOUNT_NAMESPACE,
  SYSTEM_NAMESPACE,
} from '../../api/names.ts';
import { judgeAll } from '../../cli/doctor/checks.ts';
import type { Finding } from '../../cli/doctor/checks.ts';
import type { Crd, Facts, Node } from '../../cli/doctor/facts.ts';
import { aClass, aPod } from './objects.ts';

/** Base64 of a certificate that is valid in 2026 to 2035; its key is nowhere. */
export const CA_BUNDLE = Buffer.from(
  [
    '-----BEGIN CERTIFICATE-----',
    'MIIBGTCBwAIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA50ZXN0IGF1dGhvcml0',
    'eTAeFw0yNjAxMDEwMDAwMDBaFw0zNjAxMDEwMDAwMDBaMBkxFzAVBgNVBAMMDnRl',
    'c3QgYXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvsPRr7ZU09tm',
    'Benrgxmm/6fvae9Yw7p4RuH04K9hM4ZRspcg+TgwLYo4DDjoiL+ada5ksiLpcQ/+',
    'jKp/MdW1WDAKBggqhkjOPQQDAgNIADBFAiEArcYqahTa8/bT5Jd6/21UymG1l7GV',
    'ss5TlUHMPvK9YwYCIEfU0+xSNa/GTe+XCIShhaxPIK60OcabucBb08307Vsg',
    '-----END CERTIFICATE-----',
  ].join('\n'),
).toString('base64');

export const aCrd: Crd = {
  spec: { versions: [{ name: 'v1alpha1', served: true }] },
  status: { conditions: [{ type: 'Established', status: 'True' }] },
};

/** A ready node with a kernel that can do everything. */
export function aNode(
  name: string,
  changes: { kernel?: string; ready?: boolean; os?: string } = {},
): Node {
  const { kernel = '6.12.0', ready = true, os = 'linux' } = changes;
  return {
    metadata: { name, labels: { 'kubernetes.io/os': os } },
    status: {
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      nodeInfo: { kernelVersion: kernel },
    },
  };
}

const deployment = { spec: { replicas: 2 }, status: { readyReplicas: 2 } };
const webhooks = [{ name: 'inject', clientConfig: { caBundle: CA_BUNDLE } }];

/** One node, one class, and no claims. */
export function someFacts(changes: Partial<Facts> = {}): Facts {
  return {
    now: new Date('2026-06-01T00:00:00Z'),
    version: 'v1.36.3',
    crds: { value: { [CLAIM_PLURAL]: aCrd, [CLASS_PLURAL]: aCrd } },
    driver: {
      value: {
        spec: {
          attachRequired: false,
          podInfoOnMount: true,
          fsGroupPolicy: 'None',
          volumeLifecycleModes: ['Ephemeral'],
        },
      },
    },
    namespaces: {
      value: {
        [SYSTEM_NAMESPACE]: { metadata: {} },
        [MOUNT_NAMESPACE]: {
          metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
        },
      },
    },
    controller: { value: deployment },
    webhook: { value: deployment },
    agents: { value: { status: { desiredNumberScheduled: 1 } } },
    agentPods: { value: [aPod({ name: 'csi-node-a', namespace: SYSTEM_NAMESPACE })] },
    nodes: { value: [aNode('node1')] },
    csiNodes: {
      value: [{ metadata: { name: 'node1' }, spec: { drivers: [{ name: DRIVER_NAME }] } }],
    },
    admission: { value: { mutating: { webhooks }, validating: { webhooks }, hasPolicy: false } },
    served: { value: { pod: 'webhook-a', notAfter: new Date('2030-01-01T00:00:00Z') } },
    health: { value: [{ pod: 'controller-a', ready: true, said: 'ok\n' }] },
    dns: { value: 2 },
    mountPods: { value: [] },
    claims: { value: [] },
    classes: { value: [aClass()] },
    secrets: [
      { className: 's3-sample', namespace: 'default', name: 'keys', exists: { value: true } },
    ],
    pods: { value: [{ view: aPod(), annotations: {} }] },
    ...changes,
  };
}

/** What a check finds in a cluster that differs in this from one in which all is well. */
export function judge(check: string, changes: Partial<Facts>): Finding | undefined {
  return judgeAll(someFacts(changes)).find((finding) => finding.check === check);
}
