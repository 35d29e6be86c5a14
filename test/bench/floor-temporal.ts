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
import { repeatTimed, runAll } from './samples.ts';

const taskQueue = 'bench-floor';

type Bare = (id: string) => Promise<void>;

/** Each duration is of one workflow, one after another; in milliseconds. */
export async function measureThreeActivities(count: number): Promise<number[]> {
  return await withBareWorker(async (runBare) => {
    await repeatTimed(3, (index) => runBare(`warm-up-${index}`));
    return await repeatTimed(count, (index) => runBare(`${index}`));
  });
}

/** Milliseconds until that many workflows have completed, all started at once. */
export async function measureManyWorkflows(count: number): Promise<number> {
  return await withBareWorker(async (runBare) => {
    const startMs = performance.now();
    await runAll(count, 50, (index) => runBare(`many-${index}`));
    return performance.now() - startMs;
  });
}

async function withBareWorker<T>(work: (runBare: Bare) => Promise<T>): Promise<T> {
  const address = process.env['TEMPORAL_ADDRESS'] ?? '';
  const namespace = process.env['TEMPORAL_NAMESPACE'] ?? '';
  const workflowBundle = await bundle();
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle,
    activities: { nothing: async () => {} },
    maxCachedWorkflows: 300,
  });
  const client = new Client({ connection, namespace });
  const runBare: Bare = async (id) => {
    const workflowId = `bench-floor-${process.pid}-${id}`;
    const how = { workflowId, taskQueue, signal: 'reconcile' };
    await (await client.workflow.signalWithStart('threeActivities', how)).result();
  };
  try {
    return await worker.runUntil(() => work(runBare));
  } finally {
    await connection.close();
  }
}

const logger = new DefaultLogger('ERROR');
let bundled: ReturnType<typeof bundleWorkflowCode> | undefined;

function bundle(): ReturnType<typeof bundleWorkflowCode> {
  if (!bundled) {
    Runtime.install({ logger });
    const workflowsPath = fileURLToPath(new URL('./floor-workflows.ts', import.meta.url));
    bundled = bundleWorkflowCode({ workflowsPath, logger });
  }
  return bundled;
}
