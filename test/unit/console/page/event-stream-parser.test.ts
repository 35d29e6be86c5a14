// Are server-sent events read, however the stream is cut?
import { describe, expect, it } from 'vitest';
import { createEventStreamParser } from '../../../../console/page/event-stream-parser.ts';

const text =
  ': hello\n\nevent: change\ndata: {"a":1}\n\nevent: gone\r\ndata: ["x"]\r\n\r\ndata: 1\ndata: 2\n\n';
const events = [
  { type: 'change', data: '{"a":1}' },
  { type: 'gone', data: '["x"]' },
  { type: 'message', data: '1\n2' },
];

describe('a stream of events', () => {
  it.each([1, 2, 3, 7, 1_000])('in pieces of %i letters gives the same events', (size) => {
    const parse = createEventStreamParser();
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    expect(pieces.flatMap(parse)).toEqual(events);
  });

  it('gives nothing for an event that is not complete', () => {
    const parse = createEventStreamParser();
    expect(parse('event: change\ndata: {"claims":[]}\n')).toEqual([]);
    expect(parse('\n')).toEqual([{ type: 'change', data: '{"claims":[]}' }]);
  });
});
