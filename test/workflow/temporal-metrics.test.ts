// Does Temporal's SDK tell the metrics that alerts and dashboard use, with these names, labels and units?
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OTHER_METRICS } from '../../deploy/observability/other-metrics.ts';
import { readTemporalMetrics, TEMPORAL_METRICS } from '../../workers/temporal-metrics.ts';
import { type Exposition, parseExposition } from '../exposition.ts';
import { waitUntil } from '../wait-until.ts';
import { Lab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start({ metrics: TEMPORAL_METRICS });
});
afterAll(async () => {
  await lab.stop();
});

const wanted = Object.entries(OTHER_METRICS).filter(([name]) => name.startsWith('temporal_'));

/** The labels that a metric has in any of its series. */
function findLabels({ series }: Exposition, name: string): string[] {
  const found = series.filter((one) => one.name === name);
  return [...new Set(found.flatMap(({ labels }) => Object.keys(labels)))];
}

it('tells all of them, after a claim was attached and a request was refused', async () => {
  let told = parseExposition('');
  await lab.run(async (scene) => {
    await scene.attached();
    const { workflowService } = lab.environment.nativeConnection;
    const execution = { workflowId: 'nobody' };
    const refused = workflowService.describeWorkflowExecution({ namespace: 'default', execution });
    await expect(refused).rejects.toMatchObject({ code: 5 });
    await waitUntil(
      'all are told',
      async () => {
        told = parseExposition(await readTemporalMetrics());
        return wanted.every(([name]) => told.types.has(name));
      },
      10_000,
      () => [...told.types.keys()].join(),
    );
  });

  for (const [name, { type, labels }] of wanted) {
    expect([name, told.types.get(name)]).toEqual([name, type]);
    expect(findLabels(told, name)).toEqual(expect.arrayContaining([...labels]));
  }
  const lag = 'temporal_workflow_task_schedule_to_start_latency_seconds';
  const sum = told.series.find(({ name, suffix }) => name === lag && suffix === '_sum');
  expect(sum?.value).toBeLessThan(60);
});
