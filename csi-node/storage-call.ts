// How is rclone asked about a storage, and what does its answer mean?
import { type ErrorCode, VolumeError } from '../api/errors.ts';
import type { S3Storage } from '../api/node-agent.ts';
import { classifyStorageError } from './classify-storage-error.ts';
import type { MountPod } from './mount-pod.ts';
import { callRemoteControl, RemoteControlError } from './remote-control.ts';
import {
  buildExplainParameters,
  buildPreflightParameters,
  type RemoteSource,
} from './remote-mount.ts';
import { describeStorageError } from './storage-error.ts';

/** Only a mount pod that hardly gets to run takes longer than the time-outs that rclone has been given. */
const PREFLIGHT_DEADLINE_MS = 25_000;

/** One call of the remote control that goes to a storage. */
export interface StorageCall {
  s3: S3Storage;
  command: string;
  parameters: object;
  deadlineMs: number;
  /** What it means if rclone says nothing in time. */
  silence: ErrorCode;
  signal: AbortSignal;
}

/**
 * Makes a call; rclone's errors become ours, without the keys that were sent.
 * @throws VolumeError
 */
export async function callStorage(pod: MountPod, call: StorageCall): Promise<void> {
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(call.deadlineMs)]);
  try {
    await callRemoteControl({ ...call, socketPath: pod.remoteControlPath, signal });
  } catch (error) {
    call.signal.throwIfAborted();
    if (signal.aborted) {
      const seconds = call.deadlineMs / 1000;
      throw describeStorageError(call.silence, call.s3, `no answer in ${seconds} s`);
    }
    if (!(error instanceof RemoteControlError)) throw error;
    throw describeStorageError(classifyStorageError(error.message), call.s3, error.message);
  }
}

/** The error of a second question, if it tells more than that something was not found. */
async function explain(pod: MountPod, call: StorageCall): Promise<unknown> {
  try {
    await callStorage(pod, call);
  } catch (error) {
    if (error instanceof VolumeError && error.code === 'CREDENTIALS_REJECTED') return error;
  }
  return undefined;
}

/**
 * Makes sure that the storage is there and takes the keys: one signed, bounded listing.
 *
 * A listing answers every status 404 with "directory not found", and some servers say 404 to an unknown access key
 * (versitygw: XAdminUserNotFound), so that one outcome is asked about once more in a way that shows the S3 code.
 *
 * @param nonce makes the listed prefix one that nobody has
 * @throws VolumeError with the reason for the claim's condition
 */
export async function checkStorage(
  pod: MountPod,
  request: { source: RemoteSource; nonce: string; signal: AbortSignal },
): Promise<void> {
  const { source, nonce, signal } = request;
  const ask = (command: string, parameters: object): StorageCall => ({
    s3: source.s3,
    command,
    parameters,
    deadlineMs: PREFLIGHT_DEADLINE_MS,
    silence: 'ENDPOINT_UNREACHABLE',
    signal,
  });
  try {
    await callStorage(pod, ask('operations/list', buildPreflightParameters(source, nonce)));
  } catch (error) {
    if (!(error instanceof VolumeError)) throw error;
    // rclone keeps a remote for minutes, with the authorities that it trusted when it was made.
    if (error.code === 'TLS_VERIFY_FAILED') {
      await callStorage(pod, ask('fscache/clear', {})).catch(() => undefined);
    }
    if (error.code !== 'BUCKET_NOT_FOUND') throw error;
    const exact = await explain(pod, ask('backend/command', buildExplainParameters(source)));
    throw exact ?? error;
  }
}
