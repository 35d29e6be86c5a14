// A worker in a process of its own, to be killed: its cluster and agents stay with the test that started it.
import { once } from 'node:events';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities/index.ts';
import { createBoundaryCodec, withAgentBoundaries, withBoundaries } from './boundaries.ts';
import { RemoteScene } from './remote-scene.ts';
import type { Answer, Ask, Start } from './remote-scene.ts';

// All that the SDK logs here is about the test's own faults.
Runtime.install({
  logger: new DefaultLogger('ERROR', () => {}),
  telemetryOptions: { logging: { filter: 'off' } },
});
const [{ address, code, taskQueues }] = (await once(process, 'message')) as [Start];
const send = (ask: Ask) => void process.send?.(ask);
const scenes = taskQueues.map((_queue, index) => new RemoteScene(index, send));
process.on('message', ({ scene, answer }: { scene: number; answer: Answer }) =>
  scenes[scene]?.take(answer),
);
// A test that ended leaves no worker behind.
process.on('disconnect', () => process.exit());

const connection = await NativeConnection.connect({ address });
const workers = await Promise.all(scenes.map(createWorker));
for (const worker of workers) void worker.run();
process.send?.('ready');

function createWorker(scene: RemoteScene, index: number): Promise<Worker> {
  const { view, kubernetes, agents, reach } = scene;
  const activities = createActivities({
    view,
    kubernetes: withBoundaries('API', kubernetes, reach),
    agents: withAgentBoundaries(agents, reach),
    settings: { mountPodImage: 'dynvol/mount-pod:test', temporalNamespace: 'default' },
    look: () => {},
  });
  return Worker.create({
    connection,
    taskQueue: taskQueues[index] ?? '',
    workflowBundle: { code },
    maxHeartbeatThrottleInterval: '500 milliseconds',
    // Each poll of a process that is gone or frozen may take one task along.
    maxConcurrentActivityTaskPolls: 1,
    maxConcurrentWorkflowTaskPolls: 2,
    stickyQueueScheduleToStartTimeout: '1 second',
    dataConverter: { payloadCodecs: [createBoundaryCodec(reach)] },
    activities: withBoundaries('activity', activities, reach),
  });
}
