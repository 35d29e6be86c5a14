// How is a source released that hangs, with as little harm to others as possible?
import type { Logger } from 'pino';
import { abortFuseConnection, parseDeviceMinor } from './fuse.ts';
import type { MountPodRetirement } from './mount-pod-retirement.ts';
import { callMountPod, restartStorageClient } from './mount-pod.ts';
import { observeMounts } from './mountinfo.ts';
import { observePath, type Probe } from './probe.ts';
import type { Recovery } from './recovery.ts';
import { planQuestions, type Question } from './watchdog-plan.ts';

const ANSWER_DEADLINE_MS = 3_000;
const REPLACE_DEADLINE_MS = 15_000;
const END_DEADLINE_MS = 5_000;

/** What the ladder works with. */
export interface LadderDependencies {
  probe: Probe;
  retirement: MountPodRetirement;
  recovery: Recovery;
  log: Logger;
}

/** The file systems of these sources that still do not answer, after the deadline. */
async function observeHung(
  { probe }: LadderDependencies,
  sourceKeys: Set<string>,
  deadlineMs: number,
): Promise<Question[]> {
  const questions = planQuestions(observeMounts()).filter((one) => sourceKeys.has(one.sourceKey));
  const results = await Promise.all(
    questions.map(({ path }) => observePath(probe, path, deadlineMs)),
  );
  return questions.filter((_, index) => results[index] === 'timeout');
}

/** Asks a storage client for nothing: `silent` is one that runs and does not answer, `away` one that does not run. */
export async function observeClient(mountPodUid: string): Promise<'answers' | 'silent' | 'away'> {
  const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
  try {
    await callMountPod(mountPodUid, { command: 'rc/noop', parameters: {}, signal });
    return 'answers';
  } catch {
    return signal.aborted ? 'silent' : 'away';
  }
}

/** Has a client killed that does not answer; if that cannot be done either, the controller makes another mount pod. */
export async function endClient(
  { retirement, log }: Pick<LadderDependencies, 'retirement' | 'log'>,
  mountPodUid: string,
): Promise<void> {
  await restartStorageClient(mountPodUid, AbortSignal.timeout(ANSWER_DEADLINE_MS));
  if ((await observeClient(mountPodUid)) !== 'silent') return;
  log.error({ mountPodUid }, 'Giving the mount pod up');
  retirement.abandon(mountPodUid);
}

/** Ends the connections: whoever waits is freed, and the sources are dead. */
export function abortAll(hung: Question[]): void {
  for (const { device } of hung) abortFuseConnection(parseDeviceMinor(device));
}

/**
 * Takes the rungs one after another, each only if something still hangs:
 * 1. rclone answers: a fresh mount in the same rclone, which disturbs no other source;
 * 2. rclone is killed, and started again by PID 1: its sources are dead and brought back;
 * 3. PID 1 does not answer or cannot end it: the connections are aborted, and the mount pod counts as retired, so that
 *    the controller makes another.
 */
export async function releaseHung(
  deps: LadderDependencies,
  mountPodUid: string,
  sourceKeys: Set<string>,
): Promise<void> {
  const cause = `The storage client of mount pod ${mountPodUid} did not answer`;
  const log = deps.log.child({ mountPodUid, sourceKeys: [...sourceKeys] });
  if ((await observeClient(mountPodUid)) === 'answers') {
    log.warn('Replacing hung mounts');
    const replace = (key: string) => deps.recovery.replaceHung(key, cause, REPLACE_DEADLINE_MS);
    await Promise.all([...sourceKeys].map(replace));
  }
  if ((await observeHung(deps, sourceKeys, ANSWER_DEADLINE_MS)).length === 0) return;
  log.warn('Ending the hung storage client');
  await restartStorageClient(mountPodUid, AbortSignal.timeout(ANSWER_DEADLINE_MS));
  const hung = await observeHung(deps, sourceKeys, END_DEADLINE_MS);
  if (hung.length === 0) return;
  log.error('Giving the mount pod up');
  abortAll(hung);
  deps.retirement.abandon(mountPodUid);
}
