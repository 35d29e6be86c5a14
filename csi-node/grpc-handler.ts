// How does a promise become a gRPC answer, and a VolumeError a gRPC status?
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  loadPackageDefinition,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Logger } from 'pino';
import { ERRORS, VolumeError } from '../api/errors.ts';
import { PROTO_OPTIONS } from '../api/node-agent.ts';

/** Answers one RPC. The signal aborts when the caller gives up. */
export type UnaryMethod<Request, Response> = (
  request: Request,
  call: ServerUnaryCall<Request, Response>,
  signal: AbortSignal,
) => Promise<Response> | Response;

function findStatus(error: VolumeError): status {
  const name = ERRORS[error.code].grpc as keyof typeof status;
  return status[name];
}

/** Turns a method into a gRPC handler; the edge where errors are translated and logged. */
export function buildHandler<Request, Response>(
  log: Logger,
  name: string,
  method: UnaryMethod<Request, Response>,
): handleUnaryCall<Request, Response> {
  const answer = async (
    call: ServerUnaryCall<Request, Response>,
    callback: sendUnaryData<Response>,
  ): Promise<void> => {
    const gone = new AbortController();
    call.once('cancelled', () => gone.abort());
    const startedMs = performance.now();
    let response: Response;
    try {
      response = await method(call.request, call, gone.signal);
    } catch (thrown) {
      const error = VolumeError.from(thrown);
      // The request is not logged: it may hold secrets.
      log.warn({ method: name, code: error.code, err: error.message }, 'Refused');
      callback({ code: findStatus(error), details: error.message });
      return;
    }
    log.debug({ method: name, durationMs: Math.round(performance.now() - startedMs) }, 'Answered');
    callback(null, response);
  };
  return (call, callback) => void answer(call, callback);
}

/** Begins to send messages; returns what ends that. */
export type StreamMethod<Request, Message> = (
  call: ServerWritableStream<Request, Message>,
  send: (message: Message) => void,
) => () => void;

/** Turns a method into a handler of a call that lasts until the caller or the server ends it. */
export function buildStreamHandler<Request, Message>(
  log: Logger,
  name: string,
  stopping: AbortSignal,
  method: StreamMethod<Request, Message>,
): handleServerStreamingCall<Request, Message> {
  return (call) => {
    let end: () => void;
    try {
      end = method(call, (message) => call.write(message));
    } catch (thrown) {
      const error = VolumeError.from(thrown);
      log.warn({ method: name, code: error.code, err: error.message }, 'Refused');
      call.emit('error', { code: findStatus(error), details: error.message });
      return;
    }
    const stop = () => call.end();
    stopping.addEventListener('abort', stop, { once: true });
    call.once('close', () => {
      stopping.removeEventListener('abort', stop);
      end();
    });
    call.once('cancelled', () => call.destroy());
  };
}

/** Loads a service's definition from a proto file. `service` is its full name. */
export function loadService(protoDir: string, file: string, service: string): ServiceDefinition {
  let found: unknown = loadPackageDefinition(
    loadSync(file, { ...PROTO_OPTIONS, includeDirs: [protoDir] }),
  );
  for (const part of service.split('.')) found = (found as Record<string, unknown>)[part];
  return (found as { service: ServiceDefinition }).service;
}
