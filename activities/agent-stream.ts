// What does an agent send, for as long as a call lasts?
import type { Client, ClientReadableStream, MethodDefinition, ServiceError } from '@grpc/grpc-js';
import { explainCall, waitForConnection } from './unary-call.ts';

/** Milliseconds to get a connection. */
const CONNECT_DEADLINE_MS = 5_000;

/**
 * Calls a method that streams its answers, and yields them as fast as they are taken. Ends when the agent ends the
 * call. A connection that went silent is found by the channel's keepalive.
 *
 * @throws the reason of the signal once that is aborted; the call is cancelled then
 * @throws VolumeError as `callUnary`
 */
export async function* readStream(
  client: Client,
  method: MethodDefinition<object, object>,
  request: object,
  place: { node: string; address: string; signal: AbortSignal },
): AsyncGenerator<object, void> {
  const { signal } = place;
  const to = { ...place, deadlineMs: CONNECT_DEADLINE_MS };
  signal.throwIfAborted();
  await waitForConnection(client, to);
  const call = open(client, method, request);
  const cancel = () => call.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for await (const message of call) yield message as object;
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw explainCall(error as ServiceError, to);
  } finally {
    signal.removeEventListener('abort', cancel);
    call.cancel();
  }
}

function open(
  client: Client,
  method: MethodDefinition<object, object>,
  request: object,
): ClientReadableStream<object> {
  const call = client.makeServerStreamRequest(
    method.path,
    method.requestSerialize,
    method.responseDeserialize,
    request,
  );
  // A cancelled call ends with an error that nobody reads any more.
  call.on('error', () => undefined);
  return call;
}
