// Does every rule catch what it is there for, after its grace and not before, and nothing when all is well?
import { describe, expect, it } from 'vitest';
import {
  buildContainerRows,
  buildMountPod,
  buildNodeRows,
  buildPod,
  buildRow,
  buildSnapshot,
  GROUP,
  NAMESPACE,
  SHARING_KEY,
  VOLUME_DIR,
} from '../../builders/snapshots.ts';
import { Judge, type Violation } from '../../invariants/judge.ts';
import { RULES } from '../../invariants/rules/all.ts';
import type { Snapshot } from '../../invariants/snapshot.ts';
import {
  inContainer,
  mountPodWith,
  onNode,
  readOnlyClaim,
  request,
  seeds,
  withClaim,
  withPods,
} from './seeded-bugs.ts';

const STEP_MS = 5_000;

/** What a checker says that sees the same for so long. */
function watch(fields: Partial<Snapshot>, forMs: number): Violation[] {
  const judge = new Judge(RULES);
  const startMs = buildSnapshot().atMs;
  const found: Violation[] = [];
  for (let passedMs = 0; passedMs <= forMs; passedMs += STEP_MS) {
    found.push(...judge.look(buildSnapshot({ ...fields, atMs: startMs + passedMs })));
  }
  return found;
}

const describeViolation = ({ invariant, object, message }: Violation) =>
  `${invariant} ${object}: ${message}`;

describe('the rules', () => {
  it('find nothing where all is well, and look at something for each invariant', () => {
    const judge = new Judge(RULES);
    const snapshot = buildSnapshot({
      ...readOnlyClaim,
      ...onNode([
        ...buildNodeRows().slice(0, 4),
        buildRow(`${VOLUME_DIR}/data`, { options: 'ro,nosuid' }),
      ]),
      ...inContainer([
        buildContainerRows()[0] ?? '',
        buildRow('/volumes/data', { options: 'ro,nosuid' }),
      ]),
      requests: [{ ...request, bucket: 'store-kept', operation: 's3_ListObjectsV2' }],
    });

    expect(judge.look(snapshot).map(describeViolation)).toEqual([]);
    expect(new Set(RULES.map(({ id }) => id))).toEqual(new Set(Object.keys(judge.looked)));
  });

  it.each(seeds)(
    '$invariant: catch $bug after its grace',
    ({ invariant, fields, says, graceMs }) => {
      const early = watch(fields, graceMs - STEP_MS).filter((one) => one.invariant === invariant);
      const inTime = watch(fields, graceMs).filter((one) => one.invariant === invariant);

      expect(early.map(describeViolation).filter((text) => text.includes(says))).toEqual([]);
      expect(inTime.map(describeViolation).join('\n')).toContain(says);
    },
  );

  it('are all caught by some seeded bug', () => {
    const caught = seeds.flatMap(({ fields, graceMs }) => watch(fields, graceMs));

    expect(new Set(caught.map(({ rule }) => rule))).toEqual(
      new Set(RULES.map(({ sentence }) => sentence)),
    );
  });

  it('count storage in a pod of a former selector as the claim’s while its status names the pod', () => {
    const former = withClaim(({ spec }) => (spec.selector = { matchLabels: { app: 'other' } }));

    expect(watch(former, 60_000).filter(({ invariant }) => invariant === 'I1')).toEqual([]);
  });

  it('leave a request alone that was refused, and one of somebody else', () => {
    const requests = [
      { ...request, bucket: 'store-kept', operation: 's3_PutObject', status: 403 },
      { ...request, bucket: 'store-kept', operation: 's3_PutObject', address: '10.88.0.1' },
      { ...request, bucket: 'bucket', operation: 's3_PutObject' },
    ];

    expect(watch({ requests }, 0)).toEqual([]);
  });

  it('know whose the storage of a shared mount pod is', () => {
    const shared = mountPodWith({
      labels: { [`${GROUP}/sharing-key`]: SHARING_KEY },
      annotations: { [`${GROUP}/workload-pod`]: NAMESPACE },
    });

    expect(watch(withPods(buildPod(), shared), 0)).toEqual([]);
    const alone = mountPodWith({
      labels: { ...buildMountPod().metadata.labels, [`${GROUP}/workload-pod-uid`]: 'another' },
    });
    expect(watch(withPods(buildPod(), alone), 0).map(({ message }) => message)).toEqual([
      'Its mount pod is for pod another alone',
    ]);
  });
});
