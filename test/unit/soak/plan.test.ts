// Does a seed always give the same soak, one that only does what can be done?
import { assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPlan, CHURN_MS, CI_SOAK, follow, listExpectedReasons } from '../../soak/plan.ts';
import type { Step, World } from '../../soak/steps.ts';

const seeds = integer({ min: 0, max: 2 ** 31 });
const listSteps = (seed: number, minutes = 10): Step[] =>
  buildPlan(seed, minutes).flatMap(({ steps }) => steps.map(({ step }) => step));

/** Pods and claims that a step is about. */
const listNames = (step: Step): string[] => [
  ...('pod' in step ? [step.pod] : []),
  ...('claim' in step ? [step.claim] : []),
];

describe('buildPlan', () => {
  it('gives the same plan for the same seed, and others for others', () => {
    expect(buildPlan(7, 10)).toEqual(buildPlan(7, 10));
    expect(buildPlan(8, 10)).not.toEqual(buildPlan(7, 10));
  });

  it.each([
    [1, 1],
    [5, 2],
    [60, 30],
  ])('has for %d minutes %d rounds', (minutes, rounds) => {
    expect(buildPlan(1, minutes)).toHaveLength(rounds);
  });

  it('begins with the plan of a shorter time', () => {
    expect(buildPlan(3, 60).slice(0, 2)).toEqual(buildPlan(3, 5));
  });

  it('does only to pods and claims that there are what it does to them', () => {
    assert(
      property(seeds, (seed) => {
        let world: World = { pods: new Map(), claims: new Map() };
        for (const step of listSteps(seed)) {
          const names = [...world.pods.keys(), ...world.claims.keys()];
          const isNew = step.kind === 'createPod' || step.kind === 'createClaim';
          expect(listNames(step).map((name) => names.includes(name))).not.toContain(isNew);
          world = follow(world, step);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('never changes where a claim is mounted', () => {
    const mountpoints = new Map<string, string>();
    for (const step of listSteps(11, 60)) {
      if (!('mountpoint' in step)) continue;
      expect(mountpoints.get(step.claim) ?? step.mountpoint).toBe(step.mountpoint);
      mountpoints.set(step.claim, step.mountpoint);
    }
    expect(mountpoints.size).toBeGreaterThan(10);
  });

  it.each([
    ['an hour', 1, 60],
    ['the time that `npm test` takes for it', CI_SOAK.seed, CI_SOAK.minutes],
  ])('does everything that it can do within %s', (_title, seed, minutes) => {
    const kinds = new Set(listSteps(seed, minutes).map(({ kind }) => kind));

    expect([...kinds].sort()).toEqual([
      'attachClaim',
      'changeClass',
      'createClaim',
      'createPod',
      'deleteAgent',
      'deleteClaim',
      'deleteMountPod',
      'deletePod',
      'deletePodByForce',
      'detachClaim',
      'editClaim',
      'hangMountProcess',
      'holdS3',
      'killAgent',
      'killController',
      'killMountProcess',
      'refuseS3',
      'relabelPod',
      'remountClaim',
      'remountSteady',
      'rotateSecret',
      'toggleSteady',
    ]);
  });

  it('keeps its steps within the time of a round, in their order', () => {
    for (const { steps } of buildPlan(5, 60)) {
      const times = steps.map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(Math.max(...times)).toBeLessThan(CHURN_MS);
    }
  });
});

const claim = (name: string, fields: object = {}): Step => ({
  kind: 'createClaim',
  claim: name,
  team: 'red',
  mountpoint: '/one',
  bucket: 0,
  readOnly: false,
  gated: false,
  ...fields,
});
const pod: Step = {
  kind: 'createPod',
  pod: 'pod',
  node: 'node1',
  team: 'red',
  dispatchPolicy: 'shared',
};

describe('listExpectedReasons', () => {
  it.each<[string, Step[], string[]]>([
    ['no pod', [claim('a')], ['NoMatchingPods']],
    ['a pod', [claim('a'), pod], ['Attached']],
    ['a pod of another team', [claim('a', { team: 'blue' }), pod], ['NoMatchingPods']],
    ['a pod that went', [claim('a'), pod, { kind: 'deletePod', pod: 'pod' }], ['NoMatchingPods']],
    ['a detached one', [claim('a'), pod, { kind: 'detachClaim', claim: 'a' }], ['Detached']],
    ['another one there', [claim('a'), claim('b'), pod], ['Attached', 'MountpointConflict']],
    ['another one elsewhere', [claim('a'), claim('b', { mountpoint: '/two' }), pod], ['Attached']],
    ['one that was deleted', [claim('a'), { kind: 'deleteClaim', claim: 'a' }], []],
  ])('a claim with %s', (_title, steps, reasons) => {
    const start: World = { pods: new Map(), claims: new Map() };

    expect(listExpectedReasons(steps.reduce(follow, start), 'a')).toEqual(reasons);
  });
});
