// How is work told of as spans, each below what asked for it?
import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Span, SpanContext, SpanKind, Tracer } from '@opentelemetry/api';
import { CancelledFailure } from '@temporalio/common';
import { describeError } from '../logging/describe-error.ts';
import { buildTraceId } from './claim-trace-ids.ts';
import type { ClaimTraceIds } from './claim-trace-ids.ts';

export interface SpanDescription {
  name: string;
  kind: SpanKind;
  attributes: Attributes;
}

/** The spans of one process. */
export class Spans {
  readonly #tracer: Tracer;
  readonly #ids: ClaimTraceIds;
  readonly #current = new AsyncLocalStorage<Span>();

  constructor(tracer: Tracer, ids: ClaimTraceIds) {
    this.#tracer = tracer;
    this.#ids = ids;
  }

  /** The span of the work that runs now. */
  get current(): SpanContext | undefined {
    return this.#current.getStore()?.spanContext();
  }

  /** Starts a span below no other, in the trace of a claim. The caller ends it. */
  startRoot(claimUid: string, { name, ...options }: SpanDescription): Span {
    return this.#ids.useTraceId(buildTraceId(claimUid), () =>
      this.#tracer.startSpan(name, options, ROOT_CONTEXT),
    );
  }

  /** Work asks for more below this span. */
  within<T>(span: Span, work: () => T): T {
    return this.#current.run(span, work);
  }

  /** Runs work as a span below another one; what it throws is told there, and thrown. */
  async run<T>(
    parent: SpanContext,
    { name, ...options }: SpanDescription,
    work: (span: Span) => Promise<T>,
  ): Promise<T> {
    const context = trace.setSpanContext(ROOT_CONTEXT, parent);
    const span = this.#tracer.startSpan(name, options, context);
    try {
      return await this.within(span, () => work(span));
    } catch (error) {
      if (!isSuperseded(error)) noteFailure(span, describeError(error));
      throw error;
    } finally {
      span.end();
    }
  }
}

/** Marks a span as failed. */
export function noteFailure(span: Span, message: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Work that was called off has not failed; work that took too long is called off as well, and has. */
function isSuperseded(error: unknown): boolean {
  return error instanceof CancelledFailure && error.message !== 'TIMED_OUT';
}
