// What do the events of a workflow's history say, in whichever form they come? (pure)

/** A history as protobuf JSON (`temporal workflow show -o json`), or as Temporal's SDK decodes it. */
export interface WorkflowHistory {
  events?: readonly object[] | null;
}

/** An object of which nothing is known yet. */
export type Fields = Record<string, unknown>;

/** One event, read once. */
export interface HistoryEvent {
  id: number;
  /** Milliseconds since 1970, by the server's clock. */
  atMs: number;
  /** As the attributes are called: `activityTaskScheduled`. */
  type: string;
  attributes: Fields;
  /** What the workflow has called it for people. */
  summary?: string;
}

const ATTRIBUTES = 'EventAttributes';

/** Reads all events; what has no attributes is left out. */
export function readEvents({ events }: WorkflowHistory): HistoryEvent[] {
  return (events ?? []).flatMap((event) => readEvent({ ...event }));
}

function readEvent(event: Fields): HistoryEvent[] {
  const key = Object.keys(event).find((name) => name.endsWith(ATTRIBUTES) && event[name]);
  if (key === undefined) return [];
  const summary = readPayload(readFields(event['userMetadata'])['summary']);
  return [
    {
      id: readNumber(event['eventId']),
      atMs: readTimeMs(event['eventTime']) ?? 0,
      type: key.slice(0, -ATTRIBUTES.length),
      attributes: readFields(event[key]),
      ...(typeof summary === 'string' && summary !== '' ? { summary } : {}),
    },
  ];
}

/** The fields of an object; none of anything else. */
export function readFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** A text; "" for anything else. */
export function readText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A number, or what protobuf makes of one that has 64 bits; 0 for anything else. */
export function readNumber(value: unknown): number {
  const number = Number(String(value));
  return Number.isFinite(number) ? number : 0;
}

/** A `Timestamp` in milliseconds since 1970. */
export function readTimeMs(value: unknown): number | undefined {
  if (typeof value === 'string') return Date.parse(value);
  const { seconds, nanos } = readFields(value);
  if (seconds === undefined) return undefined;
  return readNumber(seconds) * 1_000 + Math.floor(readNumber(nanos) / 1_000_000);
}

/** The values of `Payloads`, as far as they are JSON. */
export function readPayloads(value: unknown): unknown[] {
  const { payloads } = readFields(value);
  return Array.isArray(payloads) ? payloads.map(readPayload) : [];
}

/** The value of a `Payload`; undefined when it holds none, or no JSON. */
export function readPayload(payload: unknown): unknown {
  const text = decode(readFields(payload)['data']);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Bytes are base64 in JSON. */
function decode(data: unknown): string {
  if (data instanceof Uint8Array) return new TextDecoder().decode(data);
  if (typeof data !== 'string') return '';
  const bytes = Uint8Array.from(atob(data), (char) => char.codePointAt(0) ?? 0);
  return new TextDecoder().decode(bytes);
}

/** What a `Failure` says, with what caused it; "" when there is none. */
export function readFailure(value: unknown): string {
  const { message, cause } = readFields(value);
  const own = readText(message);
  const why = cause ? readFailure(cause) : '';
  if (why === '' || own.includes(why)) return own;
  return own === '' ? why : `${own}: ${why}`;
}
