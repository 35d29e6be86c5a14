// Which changes call for a look, and at which claims?
import { describe, expect, it } from 'vitest';
import type { DynamicVolumeClaim } from '../../../api/dynamic-volume-claim.ts';
import { CLASS_PARAMETERS, MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../../../api/names.ts';
import type { StorageProviderClass } from '../../../api/storage-provider-class.ts';
import { findAffectedClaims } from '../../../watch/affected-claims.ts';
import type { ClaimIndex } from '../../../watch/caches.ts';
import type { PodView } from '../../../watch/cluster-view.ts';

function aClaim(
  name: string,
  app: string,
  metadata: Partial<DynamicVolumeClaim['metadata']> = {},
  spec: Partial<DynamicVolumeClaim['spec']> = {},
): DynamicVolumeClaim {
  return {
    metadata: {
      namespace: 'default',
      name,
      uid: `uid-${name}`,
      generation: 1,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...metadata,
    },
    spec: {
      selector: { matchLabels: { app } },
      mountpoint: '/data',
      readOnly: false,
      s3Config: { bucket: 'bucket', endpoint: 'http://s3' },
      ...spec,
    },
  };
}

function aPod(changes: Partial<PodView> = {}): PodView {
  return {
    uid: 'pod-uid',
    namespace: 'default',
    name: 'pod',
    resourceVersion: '1',
    labels: { app: 'web' },
    phase: 'Running',
    terminating: false,
    sandboxReady: true,
    ready: true,
    volumeRoot: { className: 's3-sample', dispatchPolicy: 'independent' },
    ...changes,
  };
}

function aMountPod(changes: Partial<PodView> = {}): PodView {
  const labels = { [MOUNT_POD_LABELS.workloadPodUid]: 'pod-uid' };
  return aPod({ uid: 'mount-uid', namespace: MOUNT_NAMESPACE, name: 'm', labels, ...changes });
}

function aClass(name: string, generation = 1, secret = 'keys'): StorageProviderClass {
  const parameters = {
    [CLASS_PARAMETERS.secretName]: secret,
    [CLASS_PARAMETERS.secretNamespace]: 'default',
  };
  return {
    metadata: { name, uid: `uid-${name}`, generation, resourceVersion: '1' },
    spec: { provider: 's3', parameters },
  };
}

const WEB = aClaim('web', 'web');
const DB = aClaim('db', 'db');
const NAMED = aClaim('named', 'other', {}, { storageProviderClassName: 'gold' });
const ELSEWHERE = aClaim('elsewhere', 'web', { namespace: 'team-a' });
const LEAVING = aClaim('leaving', 'web', { deletionTimestamp: '2026-01-01T00:00:00Z' });

function anIndex(
  claims: DynamicVolumeClaim[],
  pods: PodView[] = [aPod()],
  classes: StorageProviderClass[] = [],
): ClaimIndex {
  return {
    storageProviderClasses: () => classes,
    claims: () => claims,
    claimsIn: (namespace) => claims.filter((claim) => claim.metadata.namespace === namespace),
    podsIn: (namespace) => pods.filter((pod) => pod.namespace === namespace),
    podByUid: (uid) => pods.find((pod) => pod.uid === uid),
  };
}

const index = anIndex([WEB, DB, NAMED, ELSEWHERE]);
const names = (claims: DynamicVolumeClaim[]): string[] =>
  claims.map((claim) => claim.metadata.name);

describe('a change of a claim', () => {
  const deletionTimestamp = '2026-01-01T00:00:00Z';

  it.each<[string, DynamicVolumeClaim | undefined, DynamicVolumeClaim | undefined, boolean]>([
    ['first sight', undefined, WEB, true],
    ['a new generation', WEB, aClaim('web', 'web', { generation: 2 }), true],
    ['its deletion', WEB, aClaim('web', 'web', { deletionTimestamp }), true],
    [
      'a status or finalizer written',
      WEB,
      aClaim('web', 'web', { resourceVersion: '2', finalizers: ['x'] }),
      false,
    ],
    [
      'gone after its deletion was seen',
      aClaim('web', 'web', { deletionTimestamp }),
      undefined,
      false,
    ],
    ['gone without', WEB, undefined, true],
  ])('%s', (_case, before, after, looks) => {
    const affected = findAffectedClaims({ kind: 'claim', before, after }, index);

    expect(names(affected)).toEqual(looks ? ['web'] : []);
  });
});

describe('a change of a claim that shares a pod with others', () => {
  const nested = aClaim('nested', 'web', {}, { mountpoint: 'data/sub' });
  const beside = aClaim('beside', 'web', {}, { mountpoint: '/database' });
  const rivals = anIndex([aClaim('rival', 'web'), nested, beside, DB, ELSEWHERE]);
  const deletionTimestamp = '2026-01-01T00:00:00Z';

  it.each<[string, DynamicVolumeClaim | undefined, DynamicVolumeClaim | undefined, string[]]>([
    ['first sight', undefined, WEB, ['web', 'rival', 'nested']],
    ['it lets go', WEB, aClaim('web', 'x', { generation: 2 }), ['web', 'rival', 'nested']],
    ['it seizes', aClaim('web', 'x', { generation: 2 }), WEB, ['web', 'rival', 'nested']],
    ['gone', aClaim('web', 'web', { deletionTimestamp }), undefined, ['rival', 'nested']],
    ['gone without a deletion', WEB, undefined, ['web', 'rival', 'nested']],
    ['status', WEB, aClaim('web', 'web', { resourceVersion: '2' }), []],
    ['of no pod of theirs', undefined, aClaim('x', 'x'), ['x']],
  ])('%s', (_case, before, after, expected) => {
    expect(names(findAffectedClaims({ kind: 'claim', before, after }, rivals))).toEqual(expected);
  });

  it('asks a claim to look where a label of a pod ends or starts the right of another', () => {
    const before = aPod({ labels: { app: 'web', team: 'b' } });
    const team = aClaim('team', 'x', {}, { selector: { matchLabels: { team: 'b' } } });
    const index = anIndex([WEB, team, beside]);

    const freed = { kind: 'pod', before, after: aPod() } as const;
    const seized = { kind: 'pod', before: aPod(), after: before } as const;

    expect(names(findAffectedClaims(freed, index))).toEqual(['web', 'team']);
    expect(names(findAffectedClaims(seized, index))).toEqual(['web', 'team']);
  });
});

describe('a change of a Secret', () => {
  const classes = [aClass('gold'), aClass('s3-sample', 1, 'other'), aClass('silver')];
  const secretsIndex = anIndex([WEB, DB, NAMED, ELSEWHERE], [aPod()], classes);

  it.each([
    ['of a class that a claim names', { namespace: 'default', name: 'keys' }, ['named']],
    ['of the class of an injected pod', { namespace: 'default', name: 'other' }, ['web']],
    ['of the same name elsewhere', { namespace: 'team-a', name: 'keys' }, []],
  ])('%s', (_case, secret, expected) => {
    expect(names(findAffectedClaims({ kind: 'secret', secret }, secretsIndex))).toEqual(expected);
  });
});

describe('the loss of a shared mount pod', () => {
  const shared = { volumeRoot: { className: 's3-sample', dispatchPolicy: 'shared' } };
  const pods = [
    aPod({ ...shared, nodeName: 'node1' }),
    aPod({ ...shared, uid: 'far', nodeName: 'node2', labels: { app: 'db' } }),
    aPod({ uid: 'own', nodeName: 'node1', labels: { app: 'own' } }),
  ];
  const index = anIndex([WEB, DB, aClaim('own', 'own'), ELSEWHERE], pods);

  it.each([
    ['on a node', { nodeName: 'node1', servesNamespace: 'default' }, ['web']],
    ['that no node was found for', { servesNamespace: 'default' }, ['web', 'db']],
    ['of another namespace', { nodeName: 'node1', servesNamespace: 'team-a' }, []],
    ['that waits for its first source', { nodeName: 'node1' }, []],
  ])('%s', (_case, changes, expected) => {
    const before = aMountPod({ labels: {}, ...changes });

    expect(names(findAffectedClaims({ kind: 'pod', before, after: undefined }, index))).toEqual(
      expected,
    );
  });
});

describe('a change of a workload pod', () => {
  it.each<[string, PodView | undefined, PodView | undefined, string[]]>([
    ['created', undefined, aPod(), ['web']],
    ['gone', aPod(), undefined, ['web']],
    ['sandbox ready', aPod({ sandboxReady: false }), aPod(), ['web']],
    ['terminating', aPod(), aPod({ terminating: true }), ['web']],
    ['completed', aPod(), aPod({ phase: 'Succeeded' }), ['web']],
    [
      'relabelled from one claim to another',
      aPod(),
      aPod({ labels: { app: 'db' } }),
      ['web', 'db'],
    ],
    ['relabelled out of all', aPod(), aPod({ labels: {} }), ['web']],
    ['another label', aPod(), aPod({ labels: { app: 'web', x: 'y' } }), []],
    ['scheduled', aPod({ sandboxReady: false }), aPod({ sandboxReady: false, nodeName: 'n' }), []],
    ['ready', aPod({ ready: false }), aPod({ podIp: '10.0.0.1' }), []],
    ['running', aPod({ phase: 'Pending' }), aPod(), []],
    [
      'unschedulable',
      aPod({ sandboxReady: false }),
      aPod({ sandboxReady: false, startProblem: { reason: 'Unschedulable', message: 'no node' } }),
      ['web'],
    ],
    ['matched by none', undefined, aPod({ labels: { app: 'cache' } }), []],
  ])('%s', (_case, before, after, expected) => {
    expect(names(findAffectedClaims({ kind: 'pod', before, after }, index))).toEqual(expected);
  });
});

describe('a change of a mount pod', () => {
  it.each<[string, PodView | undefined, PodView | undefined, boolean]>([
    ['created', undefined, aMountPod({ phase: 'Pending' }), false],
    ['ready', aMountPod({ ready: false }), aMountPod(), false],
    ['terminating', aMountPod(), aMountPod({ terminating: true }), true],
    ['failed', aMountPod(), aMountPod({ phase: 'Failed' }), true],
    ['gone', aMountPod(), undefined, true],
    ['of an unknown pod gone', aMountPod({ labels: {} }), undefined, false],
  ])('%s', (_case, before, after, looks) => {
    const affected = findAffectedClaims(
      { kind: 'pod', before, after },
      anIndex([WEB, DB, LEAVING]),
    );

    expect(names(affected)).toEqual(looks ? ['web'] : []);
  });
});

describe('a change of a class', () => {
  it.each<[string, StorageProviderClass | undefined, StorageProviderClass | undefined, string[]]>([
    ['named by a claim, created', undefined, aClass('gold'), ['named']],
    ['named by a claim, edited', aClass('gold'), aClass('gold', 2), ['named']],
    ['named by a claim, gone', aClass('gold'), undefined, ['named']],
    ['of an injected pod, edited', aClass('s3-sample'), aClass('s3-sample', 2), ['web']],
    ['labelled', aClass('gold'), aClass('gold'), []],
    ['of nobody', undefined, aClass('silver'), []],
  ])('%s', (_case, before, after, expected) => {
    expect(names(findAffectedClaims({ kind: 'class', before, after }, index))).toEqual(expected);
  });
});
