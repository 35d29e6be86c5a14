// How long does it take from a claim's event until its workflow knows of it?
import { SpanKind } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import { describeError } from '../logging/describe-error.ts';
import type { Bridge, BridgeOptions } from '../watch/bridge.ts';
import { noteFailure } from './spans.ts';
import type { Spans } from './spans.ts';
import { buildTraceHeader } from './trace-header.ts';

type Look = Bridge['look'];
type SignalWithStart = BridgeOptions['signalWithStart'];

/** Wrappers around the two ends of the bridge. */
export interface ClaimEvents {
  /** Events that come before the workflow was told of the first are that one's. */
  traceLook(look: Look): Look;
  traceSignal(signalWithStart: SignalWithStart): SignalWithStart;
}

export function createClaimEvents(spans: Spans): ClaimEvents {
  /** Events of which the workflow has not been told, by claim UID. */
  const waiting = new Map<string, Span>();
  return {
    traceLook: (look) => (claim, reason) => {
      const { uid } = claim.metadata;
      if (!waiting.has(uid)) waiting.set(uid, startEvent(spans, claim));
      look(claim, reason);
    },
    traceSignal: (signalWithStart) => async (claim, payload) => {
      const { uid } = claim.metadata;
      const event = waiting.get(uid);
      if (event === undefined) return signalWithStart(claim, payload);
      waiting.delete(uid);
      try {
        await spans.within(event, () => signalWithStart(claim, payload));
      } catch (error) {
        if (!waiting.has(uid)) {
          // The bridge tries again.
          waiting.set(uid, event);
          throw error;
        }
        noteFailure(event, describeError(error));
        event.end();
        throw error;
      }
      event.end();
    },
  };
}

function startEvent(spans: Spans, { metadata }: Parameters<Look>[0]): Span {
  const { namespace, name, uid, generation, deletionTimestamp } = metadata;
  return spans.startRoot(uid, {
    name: 'claim event',
    kind: SpanKind.INTERNAL,
    attributes: {
      'k8s.namespace.name': namespace,
      'dynvol.claim.name': name,
      'dynvol.claim.uid': uid,
      'dynvol.claim.generation': generation,
      'dynvol.claim.deleting': deletionTimestamp !== undefined,
    },
  });
}

/** Each signal of an event is a span, of which the workflow's activities know by a header. */
export function createSignalInterceptor(spans: Spans): WorkflowClientInterceptor {
  return {
    async signalWithStart(input, next) {
      const event = spans.current;
      if (event === undefined) return next(input);
      const { workflowId } = input.options;
      const attributes = { 'temporal.workflow.id': workflowId };
      const signal = { name: 'signal', kind: SpanKind.PRODUCER, attributes };
      return spans.run(event, signal, (span) =>
        next({ ...input, headers: { ...input.headers, ...buildTraceHeader(span.spanContext()) } }),
      );
    },
  };
}
