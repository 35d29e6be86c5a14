// May a controller end all that it has begun before it is killed?
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkoutPath } from '../../../deploy/images/checkout.ts';
import { WORKER_STOP_MS } from '../../../workers/claim-worker.ts';
import { SIGNAL_DEADLINE_MS } from '../../../workers/temporal.ts';

/** What `Tracing` promises of its `stop`. */
const TRACES_MS = 10_000;

it('has time for activities, then signals, then traces', () => {
  const chart = readFileSync(checkoutPath('deploy/chart/templates/controller.yaml'), 'utf8');
  const [, seconds] = /terminationGracePeriodSeconds: (\d+)/.exec(chart) ?? [];

  expect(Number(seconds) * 1_000).toBeGreaterThan(WORKER_STOP_MS + SIGNAL_DEADLINE_MS + TRACES_MS);
});
