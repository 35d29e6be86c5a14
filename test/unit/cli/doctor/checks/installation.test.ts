// Does doctor find what is wrong with the installation?
import { describe } from 'vitest';
import {
  CLAIM_PLURAL,
  CLASS_PLURAL,
  MOUNT_NAMESPACE,
  SYSTEM_NAMESPACE,
} from '../../../../../api/names.ts';
import { aCrd } from '../../../../builders/doctor.ts';
import { itFinds } from './finds.ts';

const enforce = 'pod-security.kubernetes.io/enforce';

function deployment(ready: number) {
  return { value: { spec: { replicas: 2 }, status: { readyReplicas: ready } } };
}

const driver = (changes: Record<string, unknown>) => ({
  value: {
    spec: {
      attachRequired: false,
      podInfoOnMount: true,
      fsGroupPolicy: 'None',
      volumeLifecycleModes: ['Ephemeral'],
      ...changes,
    },
  },
});

describe('broken, with a fix', () => {
  itFinds('broken', [
    ['Kubernetes', 'older than what is needed', { version: 'v1.29.4' }, '1.30 or later'],
    [
      'CRDs',
      'missing',
      { crds: { value: { [CLASS_PLURAL]: aCrd } } },
      `${CLAIM_PLURAL}.dynamicvolume.csi.cloudnative101.net is missing`,
    ],
    [
      'CRDs',
      'not established',
      { crds: { value: { [CLAIM_PLURAL]: aCrd, [CLASS_PLURAL]: { ...aCrd, status: {} } } } },
      'not established',
    ],
    [
      'CRDs',
      'without our version',
      {
        crds: {
          value: {
            [CLAIM_PLURAL]: aCrd,
            [CLASS_PLURAL]: { ...aCrd, spec: { versions: [{ name: 'v1alpha1', served: false }] } },
          },
        },
      },
      'does not serve v1alpha1',
    ],
    ['CSIDriver', 'missing', { driver: { value: undefined } }, 'is missing'],
    [
      'CSIDriver',
      'with attachRequired',
      { driver: driver({ attachRequired: true }) },
      'spec.attachRequired is "true" and must be false',
    ],
    [
      'CSIDriver',
      'for persistent volumes',
      { driver: driver({ volumeLifecycleModes: ['Persistent'] }) },
      'must be Ephemeral',
    ],
    [
      'CSIDriver',
      'that lets the kubelet change owners',
      { driver: driver({ fsGroupPolicy: 'File' }) },
      'must be None',
    ],
    [
      'namespaces',
      'missing',
      { namespaces: { value: { [SYSTEM_NAMESPACE]: { metadata: {} } } } },
      `${MOUNT_NAMESPACE} missing`,
    ],
    [
      'namespaces',
      'too strict for agents',
      {
        namespaces: {
          value: {
            [SYSTEM_NAMESPACE]: { metadata: { labels: { [enforce]: 'baseline' } } },
            [MOUNT_NAMESPACE]: { metadata: {} },
          },
        },
      },
      'refuses the agents',
    ],
    ['controller', 'missing', { controller: { value: undefined } }, 'missing'],
    ['controller', 'not ready', { controller: deployment(0) }, '0 of 2 ready'],
    ['webhook', 'not ready', { webhook: deployment(0) }, 'cannot be created'],
    [
      'webhook',
      'not ready where a policy injects',
      { webhook: deployment(0), admission: { value: { hasPolicy: true } } },
      'claims and classes are not checked',
    ],
  ]);
});

describe('a warning, with a fix', () => {
  itFinds('warning', [
    [
      'namespaces',
      'mount pods that might be more than restricted',
      {
        namespaces: {
          value: {
            [SYSTEM_NAMESPACE]: { metadata: { labels: { [enforce]: 'privileged' } } },
            [MOUNT_NAMESPACE]: { metadata: {} },
          },
        },
      },
      '"nothing"',
    ],
    ['controller', 'not all ready', { controller: deployment(1) }, '1 of 2 ready'],
  ]);
});
