// To which trace does a claim's event belong?
import { RandomIdGenerator } from '@opentelemetry/sdk-trace';
import type { IdGenerator } from '@opentelemetry/sdk-trace';

const TRACE_ID = /^(?!0+$)[0-9a-f]{32}$/;

/** The claim's UID without its dashes: whoever has the claim has its trace. Undefined for what is no UUID. */
export function buildTraceId(claimUid: string): string | undefined {
  const id = claimUid.replaceAll('-', '').toLowerCase();
  return TRACE_ID.test(id) ? id : undefined;
}

/** Random ids, but for the trace of what is started under {@link useTraceId}. */
export class ClaimTraceIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #traceId: string | undefined;

  generateTraceId(): string {
    return this.#traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#random.generateSpanId();
  }

  /** Runs what starts a trace, which has this id then. */
  useTraceId<T>(traceId: string | undefined, start: () => T): T {
    this.#traceId = traceId;
    try {
      return start();
    } finally {
      this.#traceId = undefined;
    }
  }
}
