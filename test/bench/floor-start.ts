// Floors of a cold start: how long until a bare pod's process runs, and until a bare rclone answers?
import { listPodProcesses } from '../../deploy/stack/pod-processes.ts';
import type { Scenario } from '../cluster/scenario.ts';
import { waitUntil } from '../wait-until.ts';
import { startRclone } from './floor-rclone.ts';
import { repeat } from './samples.ts';

/** From creating a pod without any volume of ours until its process exists on the node. */
export async function measurePodStart(scenario: Scenario, count: number): Promise<number[]> {
  return await repeat(count, async (index) => {
    const startMs = performance.now();
    const pod = await scenario.pod({ name: `bare-${index}`, annotated: false });
    const isRunning = async () => (await listPodProcesses(pod.uid)).length > 0;
    await waitUntil(`a process of ${pod.name} runs`, isRunning);
    const durationMs = performance.now() - startMs;
    await pod.delete();
    return durationMs;
  });
}

/** From starting rclone's remote control on this machine until it answers. */
export async function measureClientStart(count: number): Promise<number[]> {
  return await repeat(count, async () => {
    const startMs = performance.now();
    await using _daemon = await startRclone();
    return performance.now() - startMs;
  });
}
