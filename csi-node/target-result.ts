// What is told of one target's work?
import type { Logger } from 'pino';
import { VolumeError } from '../api/errors.ts';
import type { ProcessRef, TargetResult } from '../api/node-agent.ts';
import { FlushingError } from './flush.ts';
import { OwnedError } from './owners.ts';

/** A failure that names processes (`IN_USE`) or containers (`PROPAGATION_MISSING`). */
export class ProcessError extends VolumeError {
  readonly processes: ProcessRef[];

  constructor(code: 'IN_USE' | 'PROPAGATION_MISSING', message: string, processes: ProcessRef[]) {
    super(code, message);
    this.processes = processes;
  }
}

/** Where a claim's mount is: a pod and a path below its volume root. */
export type Place = { podUid: string; mountpoint: string };

/** The result of a target that is as it shall be. */
function buildSuccess({ podUid, mountpoint }: Place): TargetResult {
  const place = { podUid, mountpoint };
  return {
    ...place,
    code: '',
    message: '',
    processes: [],
    pendingUploads: 0,
    rung: '',
    ownerUid: '',
  };
}

/** The result of a target that failed. */
export function buildFailure(place: Place, error: VolumeError): TargetResult {
  const processes = error instanceof ProcessError ? error.processes : [];
  const pendingUploads = error instanceof FlushingError ? error.pendingUploads : 0;
  const ownerUid = error instanceof OwnedError ? error.ownerUid : '';
  const { code, message } = error;
  return { ...buildSuccess(place), code, message, processes, pendingUploads, ownerUid };
}

/** Runs one target's work, which may tell more of a success; its failure is an answer, not an exception. */
export async function settle(
  log: Logger,
  target: Place & { sourceKey: string; claimUid: string },
  work: () => Promise<Partial<TargetResult> | void> | Partial<TargetResult> | void,
): Promise<TargetResult> {
  try {
    return { ...buildSuccess(target), ...(await work()) };
  } catch (thrown) {
    const error = VolumeError.from(thrown);
    const { claimUid, podUid, mountpoint, sourceKey } = target;
    const where = { claimUid, podUid, mountpoint, sourceKey };
    log.warn({ ...where, code: error.code, err: error.message }, 'Target failed');
    return buildFailure(target, error);
  }
}
