// Which phase has a claim, and what does its row say?
import { expect, it } from 'vitest';
import type { Condition } from '../../../../api/conditions.ts';
import type { DynamicVolumeClaim } from '../../../../api/dynamic-volume-claim.ts';
import { buildClaimSummary, findPhase } from '../../../../console/model/summary.ts';
import { aClaim } from '../../../builders/objects.ts';

function aCondition(
  type: Condition['type'],
  status: Condition['status'],
  reason: string,
  message = '',
): Condition {
  return { type, status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' };
}

function withConditions(
  conditions: Condition[],
  changes: Parameters<typeof aClaim>[0] = {},
): DynamicVolumeClaim {
  return { ...aClaim(changes), status: { observedGeneration: 1, conditions } };
}

const ready = (reason: string) => aCondition('Ready', 'False', reason);
const reconciling = aCondition('Reconciling', 'True', 'Detaching');

it.each<[string, DynamicVolumeClaim]>([
  ['Reconciling', aClaim()],
  ['Ready', withConditions([aCondition('Ready', 'True', 'Attached')])],
  [
    'Ready',
    withConditions([
      aCondition('Ready', 'True', 'Attached'),
      aCondition('Stalled', 'True', 'ClassNotFound'),
    ]),
  ],
  ['Reconciling', withConditions([ready('Attaching')])],
  ['Reconciling', withConditions([ready('PodStarting')])],
  ['Waiting', withConditions([ready('NoMatchingPods')])],
  ['Waiting', withConditions([ready('Detached')])],
  ['Reconciling', withConditions([ready('Detached'), reconciling])],
  ['Failed', withConditions([ready('NotInjected')])],
  ['Failed', withConditions([ready('BucketNotFound')])],
  ['Failed', withConditions([ready('AgentUnreachable'), reconciling])],
  [
    'Reconciling',
    withConditions([aCondition('Ready', 'True', 'Attached')], { metadata: { generation: 2 } }),
  ],
  [
    'Deleting',
    withConditions([ready('InUse')], { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
  ],
])('is %s (%#)', (phase, claim) => {
  expect(findPhase(claim)).toBe(phase);
});

it('tells of a claim that nobody has looked at yet what its spec says', () => {
  expect(buildClaimSummary(aClaim({ spec: { mountpoint: 'data', readOnly: true } }))).toEqual({
    namespace: 'shop',
    name: 'pictures',
    uid: 'claim-uid',
    provider: 's3',
    storage: 'photos',
    endpoint: 'https://s3.example.com',
    className: '',
    mountpoint: '/data',
    readOnly: true,
    phase: 'Reconciling',
    reason: '',
    message: '',
    matched: 0,
    attached: 0,
    failed: 0,
    notInjected: 0,
    createdAt: '2026-01-01T00:00:00Z',
  });
});

it.each([
  [{ bucket: 'photos' }, 'photos'],
  [{ bucket: 'photos', prefix: '' }, 'photos'],
  [{ bucket: 'photos', prefix: 'team/data' }, 'photos/team/data'],
  [{ bucket: 'photos', prefix: '/team/data/' }, 'photos/team/data'],
])('names the storage %j as %s', (place, storage) => {
  const s3Config = { endpoint: 'https://s3.example.com', ...place };
  expect(buildClaimSummary(aClaim({ spec: { s3Config } })).storage).toBe(storage);
});

it('prefers what the status says, and gives reason, message and workflow', () => {
  const claim = withConditions([
    aCondition('Ready', 'False', 'BucketNotFound', 'Bucket "photos" does not exist'),
  ]);
  const workflow = { id: 'dvc/shop/pictures/claim-uid', url: 'https://temporal.example.com/x' };
  Object.assign(claim.status ?? {}, {
    storageProviderClassName: 's3-sample',
    matched: 3,
    attached: 1,
    failed: 1,
    notInjected: 1,
    workflow,
  });
  expect(buildClaimSummary(claim)).toMatchObject({
    className: 's3-sample',
    phase: 'Failed',
    reason: 'BucketNotFound',
    message: 'Bucket "photos" does not exist',
    matched: 3,
    attached: 1,
    failed: 1,
    notInjected: 1,
    workflow,
  });
});
