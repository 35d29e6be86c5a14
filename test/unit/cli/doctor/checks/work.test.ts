// Does doctor find claims, classes and mount pods that do not work?
import { describe, expect, it } from 'vitest';
import type { DynamicVolumeClaim } from '../../../../../api/dynamic-volume-claim.ts';
import { MOUNT_NAMESPACE } from '../../../../../api/names.ts';
import { judge } from '../../../../builders/doctor.ts';
import { aClaim, aClass, aPod } from '../../../../builders/objects.ts';
import { itFinds, itFindsNothing } from './finds.ts';

const mountPod = (createdAt: string, changes: Parameters<typeof aPod>[0] = {}) => ({
  value: [
    {
      view: aPod({ namespace: MOUNT_NAMESPACE, name: 'dmp-1', ...changes }),
      createdAt: new Date(createdAt),
    },
  ],
});

/** A claim whose Ready condition has this reason. */
function claimWith(
  reason: string,
  changes: Partial<DynamicVolumeClaim['status']> = {},
): DynamicVolumeClaim {
  const ready = {
    type: 'Ready' as const,
    status: reason === 'Attached' ? ('True' as const) : ('False' as const),
    lastTransitionTime: '2026-01-01T00:00:00Z',
    reason,
    message: '',
  };
  return { ...aClaim(), status: { conditions: [ready], ...changes } };
}

describe('broken, with a fix', () => {
  itFinds('broken', [
    [
      'classes',
      'that cannot be used',
      { classes: { value: [aClass('fast', { nonsense: 'x' })] } },
      '"fast"',
    ],
    [
      'classes',
      'without their Secret',
      {
        secrets: [
          { className: 's3-sample', namespace: 'default', name: 'keys', exists: { value: false } },
        ],
      },
      'default/keys of class s3-sample',
    ],
    [
      'propagation',
      'missing in a container',
      {
        claims: {
          value: [
            claimWith('Attached', {
              pods: [{ name: 'web-1', uid: 'u', state: 'Failed', reason: 'PropagationMissing' }],
            }),
          ],
        },
      },
      'shop/web-1',
    ],
    [
      'mount pods',
      'that cannot start',
      {
        mountPods: mountPod('2026-05-31T23:59:59Z', {
          startProblem: { reason: 'ErrImagePull', message: '' },
        }),
      },
      '1 of 1 does not run: dmp-1: ErrImagePull',
    ],
    [
      'mount pods',
      'that take too long',
      { mountPods: mountPod('2026-05-31T23:58:00Z', { phase: 'Pending', ready: false }) },
      'Pending',
    ],
    ['workflows', 'that never looked', { claims: { value: [aClaim()] } }, 'shop/pictures'],
    [
      'claims',
      'that fail, the most frequent reason first',
      {
        claims: {
          value: ['Attached', 'DNSFailed', 'AccessDenied', 'AccessDenied'].map((reason) =>
            claimWith(reason),
          ),
        },
      },
      '1 of 4 ready; 2 AccessDenied, 1 DNSFailed',
    ],
  ]);
});

describe('a warning, with a fix', () => {
  itFinds('warning', [['classes', 'none', { classes: { value: [] } }, 'no StorageProviderClass']]);
});

describe('no fault', () => {
  itFindsNothing([
    [
      'mount pods',
      'one that has just begun',
      { mountPods: mountPod('2026-05-31T23:59:30Z', { phase: 'Pending', ready: false }) },
    ],
    [
      'mount pods',
      'one that ends',
      { mountPods: mountPod('2026-01-01T00:00:00Z', { terminating: true, ready: false }) },
    ],
    [
      'workflows',
      'a claim of this moment',
      { claims: { value: [aClaim({ metadata: { creationTimestamp: '2026-05-31T23:59:59Z' } })] } },
    ],
    [
      'claims',
      'claims that wait',
      {
        claims: {
          value: ['NoMatchingPods', 'Detached', 'Attaching'].map((reason) => claimWith(reason)),
        },
      },
    ],
  ]);
});

describe('what may not be seen', () => {
  it('of one Secret leaves the class unchecked', () => {
    const secrets = [
      {
        className: 's3-sample',
        namespace: 'default',
        name: 'keys',
        exists: { needs: 'get secrets in default' },
      },
    ];

    expect(judge('classes', { secrets })).toMatchObject({
      level: 'unchecked',
      message: 'not checked: needs get secrets in default',
    });
  });
});
