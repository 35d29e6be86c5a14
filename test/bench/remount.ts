// What does a reader notice of a remount, and how long does it take?
import { findDevice, readDuring, readMounts } from '../../deploy/demo/reader.ts';
import type { Claim, Pod } from '../cluster/scenario.ts';
import { runOk } from '../cluster/programs.ts';
import { ROOT_PATH } from '../cluster/scenario.ts';
import { repeat } from './samples.ts';

export interface RemountFigures {
  durationsMs: number[];
  reads: number;
  errors: number;
}

/** Remounts a claim again and again while its file is read; each lasts until the fresh source is there. */
export async function measureRemounts(
  pod: Pod,
  claim: Claim,
  mountpoint: string,
  count: number,
): Promise<RemountFigures> {
  const path = `${ROOT_PATH}/${mountpoint}`;
  const seen = { reads: 0, errors: 0 };
  const durationsMs = await repeat(count, async () => {
    const former = findDevice(await readMounts(pod.uid), path);
    const isFresh = (_text: string, mounts: string) => findDevice(mounts, path) !== former;
    const log = await readDuring(pod.uid, `${path}/hello.txt`, isFresh, () => remount(claim));
    seen.reads += log.reads;
    seen.errors += log.errors;
    await claim.waitReady();
    return log.durationMs;
  });
  return { durationsMs, ...seen };
}

async function remount({ workflowId }: Claim): Promise<void> {
  await runOk('temporal', ['workflow', 'signal', '--name', 'remount', '-w', workflowId]);
}
