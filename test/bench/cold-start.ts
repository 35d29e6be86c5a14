// How long until a file can be read in a pod that has no mount pod yet?
import { measureReadable } from '../../deploy/demo/reader.ts';
import { ROOT_PATH, type Scenario } from '../cluster/scenario.ts';
import { repeat } from './samples.ts';

/** Every claim comes to a pod of its own, which is running and has never had one. */
export async function measureColdStart(scenario: Scenario, count: number): Promise<number[]> {
  return await repeat(count, async (index) => {
    const name = `cold-${index}`;
    const pod = await scenario.runningPod({ name, labels: { app: name } });
    const file = `${ROOT_PATH}/${name}/hello.txt`;
    const { readableMs } = await measureReadable(pod.uid, file, async () => {
      await scenario.claim({ name, mountpoint: `/${name}`, selector: { app: name } });
    });
    await pod.delete();
    return readableMs;
  });
}
