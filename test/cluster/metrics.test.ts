// Do the processes of the cluster tell, in numbers, of a claim that was attached?
import { expect, it } from 'vitest';
import { findMetric, METRICS } from '../../api/metrics.ts';
import type { MetricProcess } from '../../api/metrics.ts';
import { COMPONENTS } from '../../api/names.ts';
import { type Exposition, parseExposition } from '../exposition.ts';
import { waitUntil } from '../wait-until.ts';
import { listOwnPods } from './alone/controller.ts';
import { Scenario } from './scenario.ts';

const PORTS: Record<MetricProcess, number> = { controller: 9812, webhook: 9813, 'csi-node': 9811 };

/** What every pod of a component tells. */
async function scrape(process: MetricProcess): Promise<Exposition[]> {
  const pods = await listOwnPods(process);
  const addresses = pods.map((pod) => String(pod['status'].podIP));
  return Promise.all(
    addresses.map(async (address) => {
      const answer = await fetch(`http://${address}:${PORTS[process]}/metrics`);
      return parseExposition(await answer.text());
    }),
  );
}

/** The sum over all series with these labels; a histogram counts by its observations. */
function add(told: Exposition[], name: string, labels: Record<string, string> = {}): number {
  return told
    .flatMap(({ series }) => series)
    .filter((one) => one.name === name && ['', '_count'].includes(one.suffix))
    .filter((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

it.each(Object.keys(PORTS) as MetricProcess[])(
  '%s tells nothing that is not in the table',
  async (process) => {
    const told = await scrape(process);
    const names = told.flatMap(({ types }) => [...types.keys()]);
    const own = names.filter((name) => !name.startsWith('temporal_'));

    expect(own.length).toBeGreaterThan(0);
    for (const name of own) {
      expect(Object.keys(METRICS)).toContain(name);
      expect(findMetric(name as keyof typeof METRICS).processes).toContain(process);
    }
    const values = told.flatMap(({ series }) => series.flatMap((one) => Object.values(one.labels)));
    expect(values.filter((value) => /[0-9a-f]{8}-[0-9a-f]{4}-/.test(value))).toEqual([]);
  },
  60_000,
);

it('tell of a claim that was attached', async () => {
  await using scenario = await Scenario.create('metrics');
  await scenario.runningPod();
  await scenario.readyClaim();

  const agents = await scrape(COMPONENTS.agent);
  expect(add(agents, 'dynvol_mounts', { state: 'serving' })).toBeGreaterThan(0);
  const attaches = { op: 'attach', result: 'OK' };
  expect(add(agents, 'dynvol_mount_operations_total', attaches)).toBeGreaterThan(0);
  expect(add(agents, 'dynvol_mount_duration_seconds', { phase: 'total' })).toBeGreaterThan(0);
  const published = { method: 'NodePublishVolume', code: 'OK' };
  expect(add(agents, 'dynvol_csi_grpc_duration_seconds', published)).toBeGreaterThan(0);
  await waitUntil('the controllers have seen the status', async () => {
    const controllers = await scrape(COMPONENTS.controller);
    return add(controllers, 'dynvol_claims', { ready: 'True', reason: 'Attached' }) > 0;
  });
  const controllers = await scrape(COMPONENTS.controller);
  expect(add(controllers, 'dynvol_claim_signal_duration_seconds')).toBeGreaterThan(0);
  const calls = { method: 'Attach', code: 'OK' };
  expect(add(controllers, 'dynvol_agent_rpc_client_duration_seconds', calls)).toBeGreaterThan(0);
  const lag = 'temporal_workflow_task_schedule_to_start_latency_seconds';
  expect(add(controllers, lag)).toBeGreaterThan(0);
  const reviewed = { result: 'patched' };
  const webhooks = await scrape(COMPONENTS.webhook);
  expect(add(webhooks, 'dynvol_webhook_requests_total', reviewed)).toBeGreaterThan(0);
}, 240_000);
