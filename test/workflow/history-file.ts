// How is a workflow's history kept in a file, and read again for a replay?
//
// Not with the SDK's historyToJSON: it needs one single copy of protobufjs in the tree.
import type { History } from '@temporalio/common/lib/proto-utils.js';

interface Tagged {
  $bytes?: string;
  $long?: string;
}

/**
 * JSON in which bytes are `{"$bytes": base64}` and 64-bit integers `{"$long": decimal}`. Stack traces name files by
 * their place in the checkout, wherever that is.
 */
export function formatHistory(history: History): string {
  const text = JSON.stringify(tag(history), undefined, 1);
  return `${text.replaceAll(`${process.cwd()}/`, '')}\n`;
}

/** The history as `Worker.runReplayHistories` takes it. */
export function parseHistory(text: string): History {
  return JSON.parse(text, (_key, value: unknown) => {
    const { $bytes, $long } = (typeof value === 'object' && value !== null ? value : {}) as Tagged;
    if ($bytes !== undefined) return Buffer.from($bytes, 'base64');
    if ($long !== undefined) return Number($long);
    return value;
  }) as History;
}

/** Names of the events, as `ActivityTaskScheduled`. */
export function listEventNames(history: History): string[] {
  return (history.events ?? []).map((event) => {
    const kind = Object.entries(event).find(
      ([key, value]) => key.endsWith('EventAttributes') && value !== null && value !== undefined,
    );
    const name = kind?.[0].replace('EventAttributes', '') ?? '';
    return name.charAt(0).toUpperCase() + name.slice(1);
  });
}

/** Does any string or payload of the history hold this text? */
export function holdsText(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  if (value instanceof Uint8Array) return Buffer.from(value).includes(text);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((one) => holdsText(one, text));
}

function tag(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(tag);
  if (typeof value !== 'object' || value === null) return value;
  if (isLong(value)) return { $long: value.toString() };
  const fields = Object.entries(value).filter(([, field]) => field !== null && field !== undefined);
  return Object.fromEntries(fields.map(([key, field]) => [key, tag(field)]));
}

/** Is it what protobufjs makes of a 64-bit integer? */
function isLong(value: object): value is { toString(): string; low: number; high: number } {
  return 'low' in value && 'high' in value;
}
