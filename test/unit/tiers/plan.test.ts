// Which tier of a test run is run when?
import { expect, it } from 'vitest';
import { TIERS, planRound, type Tier } from '../../tiers/plan.ts';

it('runs the tiers without the product while the cluster tier waits for outages, and the soak alone', () => {
  expect(planRound(TIERS, undefined)).toEqual({
    before: ['check', 'unit', 'demo', 'cluster'],
    beside: ['workflow', 'node'],
    after: ['soak'],
  });
});

it('keeps the order of the tiers when the cluster tier is not among them', () => {
  const tiers: Tier[] = ['unit', 'workflow', 'node'];

  expect(planRound(tiers, undefined)).toEqual({ before: tiers, beside: [], after: [] });
});

it('runs the tiers in turn when one file is asked for', () => {
  expect(planRound(TIERS, 'drain')).toEqual({ before: TIERS, beside: [], after: [] });
});
