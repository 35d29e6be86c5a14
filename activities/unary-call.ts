// How does one gRPC call end: with an answer, an abort or a VolumeError?
import { status } from '@grpc/grpc-js';
import type { Client, MethodDefinition, ServiceError } from '@grpc/grpc-js';
import { VolumeError } from '../api/errors.ts';
import type { ErrorCode } from '../api/errors.ts';
import type { CallOptions } from './node-agents.ts';

/** What the gRPC status of a failed call means; all others mean `INTERNAL`. */
const CODES: Partial<Record<status, ErrorCode>> = {
  [status.UNAVAILABLE]: 'AGENT_UNREACHABLE',
  [status.DEADLINE_EXCEEDED]: 'AGENT_UNREACHABLE',
  [status.CANCELLED]: 'AGENT_UNREACHABLE',
  [status.INVALID_ARGUMENT]: 'INVALID_ARGUMENT',
  [status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  [status.PERMISSION_DENIED]: 'UNAUTHENTICATED',
};

/** Milliseconds to get a connection: a node that is gone swallows packets without a word. */
const CONNECT_MS = 5_000;

/**
 * Calls a method of an agent. The request holds credentials, so it never is a part of an error.
 *
 * @throws the reason of the signal once that is aborted; the call is cancelled then
 * @throws VolumeError see {@link CODES}
 */
export async function callUnary(
  client: Client,
  method: MethodDefinition<object, object>,
  request: object,
  options: CallOptions & { node: string; address: string },
): Promise<object> {
  options.signal.throwIfAborted();
  await waitForConnection(client, options);
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      { deadline: Date.now() + options.deadlineMs },
      (error, response) => {
        options.signal.removeEventListener('abort', cancel);
        if (options.signal.aborted) reject(options.signal.reason as Error);
        else if (error) reject(explainCall(error, options));
        else resolve(response ?? {});
      },
    );
    const cancel = () => call.cancel();
    options.signal.addEventListener('abort', cancel, { once: true });
  });
}

/**
 * Waits until a call can be sent.
 *
 * @throws the reason of the signal once that is aborted
 * @throws VolumeError `AGENT_UNREACHABLE` it took longer than 5 s, or than the call may take
 */
export function waitForConnection(
  client: Client,
  { signal, node, address, deadlineMs }: CallOptions & { node: string; address: string },
): Promise<void> {
  const withinMs = Math.min(CONNECT_MS, deadlineMs);
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    client.waitForReady(Date.now() + withinMs, (error) => {
      signal.removeEventListener('abort', stop);
      if (!error) return resolve();
      reject(
        new VolumeError(
          'AGENT_UNREACHABLE',
          `The node agent of node ${node} (${address}) could not be reached within ${withinMs / 1_000} s; look at the pod of the DaemonSet csi-node there`,
        ),
      );
    });
  });
}

/** The error for a call that failed; see {@link CODES}. */
export function explainCall(
  error: ServiceError,
  { node, address, deadlineMs }: { node: string; address: string; deadlineMs: number },
): VolumeError {
  const code = CODES[error.code] ?? 'INTERNAL';
  const what =
    error.code === status.DEADLINE_EXCEEDED
      ? `did not answer within ${deadlineMs / 1_000} s`
      : `answered ${status[error.code]}: ${error.details}`;
  return new VolumeError(code, `The node agent of node ${node} (${address}) ${what}`);
}
