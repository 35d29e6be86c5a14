// Floor: how long does a bare signalWithStart with three activities take on the same Temporal server?
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
} from '@temporalio/worker';
import { repeat } from './samples.ts';

const taskQueue = 'bench-floor';

export async function measureThreeActivities(count: number): Promise<number[]> {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const connection = await NativeConnection.connect({
    address: process.env['TEMPORAL_ADDRESS'] ?? '',
  });
  const namespace = process.env['TEMPORAL_NAMESPACE'] ?? '';
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./floor-workflows.ts', import.meta.url)),
    logger,
  });
  const activities = { nothing: async () => {} };
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle,
    activities,
  });
  const client = new Client({ connection, namespace });
  const durationsMs = await worker.runUntil(() =>
    repeat(count + 3, async (index) => {
      const startMs = performance.now();
      const handle = await client.workflow.signalWithStart('threeActivities', {
        workflowId: `bench-floor-${process.pid}-${index}`,
        taskQueue,
        signal: 'reconcile',
      });
      await handle.result();
      return performance.now() - startMs;
    }),
  );
  await connection.close();
  return durationsMs.slice(3); // the first ones warm the worker up
}
