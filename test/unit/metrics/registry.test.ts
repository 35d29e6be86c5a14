// What becomes of the other metrics, and of the work that is measured, when a metric cannot be told?
import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { MetricLabels } from '../../../api/metrics.ts';
import { addProcessMetrics } from '../../../metrics/process.ts';
import { MetricRegistry } from '../../../metrics/registry.ts';
import { parseExposition } from '../../exposition.ts';

let lines: object[];
let registry: MetricRegistry;

beforeEach(() => {
  lines = [];
  const write = (line: string) => lines.push(JSON.parse(line) as object);
  registry = new MetricRegistry(pino({ base: null, timestamp: false }, { write }));
});

/** Names of the series that are told. */
async function listTold(): Promise<string[]> {
  const { series } = parseExposition(await registry.expose());
  return series.map(({ name }) => name);
}

describe('a metric that cannot be read', () => {
  const fail = () => {
    throw new Error('no mount table');
  };

  it.each([
    ['with labels', 'dynvol_mounts'],
    ['without labels', 'dynvol_nodes_without_agent'],
  ] as const)('%s has no series, and all others are told', async (_which, name) => {
    addProcessMetrics(registry);
    registry.read(name, fail);

    const told = await listTold();

    expect(told).not.toContain(name);
    expect(told).toContain('process_resident_memory_bytes');
  });

  it('has no series of which a part was read', async () => {
    registry.read('dynvol_mounts', () => [
      { labels: { provider: 's3', state: 'serving' }, value: 1 },
      { labels: { provider: 's3', state: 'dead' }, value: '2' as unknown as number },
    ]);

    expect(await listTold()).toEqual([]);
  });

  it('is told in the log once, and again when it was read in between', async () => {
    let isFailing = true;
    registry.read('dynvol_nodes_without_agent', () =>
      isFailing ? fail() : [{ labels: {}, value: 0 }],
    );
    await registry.expose();
    await registry.expose();
    expect(lines).toEqual([
      {
        level: 50,
        metric: 'dynvol_nodes_without_agent',
        err: expect.objectContaining({ message: 'no mount table' }),
        msg: 'Metric cannot be told',
      },
    ]);

    isFailing = false;
    expect(await listTold()).toEqual(['dynvol_nodes_without_agent']);
    isFailing = true;
    await registry.expose();

    expect(lines).toHaveLength(2);
  });
});

describe('what cannot be counted', () => {
  it('is told in the log once, and does not disturb whoever counts', async () => {
    const observe = registry.histogram('dynvol_agent_rpc_client_duration_seconds');
    const count = registry.counter('dynvol_watch_failures_total');
    const odd = { odd: 'label' } as unknown as MetricLabels<'dynvol_watch_failures_total'>;
    observe({ method: 'List', code: 'OK' }, Number('x'));
    observe({ method: 'List', code: 'OK' }, 'x' as unknown as number);
    count(odd);
    count(odd);

    expect(lines).toMatchObject([
      { metric: 'dynvol_agent_rpc_client_duration_seconds' },
      { metric: 'dynvol_watch_failures_total' },
    ]);
    count({ kind: 'pods' });
    expect(await listTold()).toContain('dynvol_watch_failures_total');
  });
});
