// What does the detail of a claim look like when nobody cares for the rest of it?
import type { Condition } from '../../api/conditions.ts';
import type { ClaimDetail } from '../../console/model/views.ts';

/** A ready claim with one pod. */
export function aDetail(changes: Partial<ClaimDetail> = {}): ClaimDetail {
  const { reason = 'Attached', message = 'The storage serves in 1 pod' } = changes;
  return {
    namespace: 'shop',
    name: 'pictures',
    uid: 'claim-uid',
    provider: 's3',
    storage: 'photos/raw',
    endpoint: 'https://s3.example.com',
    className: 's3-sample',
    mountpoint: '/data',
    readOnly: false,
    phase: 'Ready',
    reason,
    message,
    matched: 1,
    attached: 1,
    failed: 0,
    notInjected: 0,
    createdAt: '2026-01-01T00:00:00Z',
    spec: {
      selector: { matchLabels: { app: 'web' } },
      mountpoint: '/data',
      readOnly: false,
      s3Config: { bucket: 'photos', endpoint: 'https://s3.example.com', prefix: 'raw' },
    },
    conditions: [aReady(reason, message)],
    pods: [{ name: 'web-1', uid: 'uid-web-1', node: 'node1', state: 'Attached' }],
    morePods: 0,
    mountPods: [
      {
        name: 's3-web-1',
        uid: 'uid-s3-web-1',
        node: 'node1',
        state: 'Running',
        shared: false,
        pods: ['web-1'],
      },
    ],
    ...changes,
  };
}

/** A condition Ready, which holds for `Attached` alone. */
export function aReady(reason = 'Attached', message = 'Told'): Condition {
  return {
    type: 'Ready',
    status: reason === 'Attached' ? 'True' : 'False',
    observedGeneration: 1,
    lastTransitionTime: '2026-01-01T00:00:00Z',
    reason,
    message,
  };
}
