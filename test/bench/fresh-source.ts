// What does a reader notice when a source is replaced beneath it, and how long does it take?
import { setTimeout as delay } from 'node:timers/promises';
import { findDevice, readDuring, readMounts } from '../../deploy/demo/reader.ts';
import { ROOT_PATH, type Claim, type Pod, type Scenario } from '../cluster/scenario.ts';
import { signalRclone } from '../cluster/storage-client.ts';
import { repeat } from './samples.ts';

/** What a client needs at most with a hundredth of a processor. */
const THROTTLED_READY_MS = 240_000;

/** A client that has run so long is started again at once when it ends; before, ever later (mount-pod.c). */
const STABLE_AFTER_MS = 10_500;

export interface FreshSourceFigures {
  durationsMs: number[];
  reads: number;
  errors: number;
}

/** The claim's file is read all the time; each time lasts until it has been read from another source. */
async function measureFreshSources(
  pod: Pod,
  claim: Claim,
  count: number,
  act: () => Promise<void>,
  prepare: () => Promise<unknown> = async () => undefined,
): Promise<FreshSourceFigures> {
  const path = `${ROOT_PATH}/data`;
  const seen = { reads: 0, errors: 0 };
  const durationsMs = await repeat(count, async () => {
    await prepare();
    const former = findDevice(await readMounts(pod.uid), path);
    const isFresh = (text: string, mounts: string) =>
      text !== '' && findDevice(mounts, path) !== former;
    const log = await readDuring(pod.uid, `${path}/hello.txt`, isFresh, act);
    seen.reads += log.reads;
    seen.errors += log.errors;
    await claim.waitReady(THROTTLED_READY_MS);
    return log.durationMs;
  });
  return { durationsMs, ...seen };
}

/** Has a claim that is mounted at `data` remounted again and again. */
export function measureRemounts(
  pod: Pod,
  claim: Claim,
  count: number,
): Promise<FreshSourceFigures> {
  return measureFreshSources(pod, claim, count, async () => {
    await claim.workflow.signal('remount');
  });
}

/** Kills the storage client of a pod with one claim, mounted at `data`, again and again. */
export function measureRecoveries(
  pod: Pod,
  claim: Claim,
  count: number,
): Promise<FreshSourceFigures> {
  const kill = () => signalRclone(pod, 'SIGKILL');
  return measureFreshSources(pod, claim, count, kill, () => delay(STABLE_AFTER_MS));
}

/** As {@link measureRecoveries}, in a pod of its own, with the CPU limit of the article's class. */
export async function measureThrottledRecoveries(
  scenario: Scenario,
  count: number,
): Promise<FreshSourceFigures> {
  const name = 'throttled';
  const className = await scenario.storageClass({
    name: `${scenario.className}-${name}`,
    parameters: { cpuLimit: '10m' },
  });
  const pod = await scenario.runningPod({ className, labels: { app: name } });
  const claim = await scenario.claim({ name, selector: { app: name } });
  await claim.waitReady(THROTTLED_READY_MS);
  const figures = await measureRecoveries(pod, claim, count);
  await claim.delete();
  await pod.delete();
  return figures;
}
