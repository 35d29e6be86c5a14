// How long do the calls of a gRPC server take, and how do they end?
import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
  status,
} from '@grpc/grpc-js';
import type { ObserveCall } from '../metrics/observe-call.ts';

/** Tells of each call when it has ended; of streams, which last, it does not. Unknown methods never come here. */
export function buildCallObserver(observe: ObserveCall): ServerInterceptor {
  return (definition, call) => {
    if (definition.responseStream) return new ServerInterceptingCall(call);
    const startedMs = performance.now();
    let isTold = false;
    const tell = (code: status) => {
      if (isTold) return;
      isTold = true;
      const method = definition.path.slice(definition.path.lastIndexOf('/') + 1);
      observe(method, status[code] ?? 'UNKNOWN', (performance.now() - startedMs) / 1_000);
    };
    const listener = new ServerListenerBuilder().withOnCancel(() => tell(status.CANCELLED)).build();
    const responder = new ResponderBuilder()
      .withStart((next) => next(listener))
      .withSendStatus((ending, next) => {
        // Whoever called must hear of it, whatever becomes of the count.
        next(ending);
        tell(ending.code ?? status.UNKNOWN);
      });
    return new ServerInterceptingCall(call, responder.build());
  };
}
