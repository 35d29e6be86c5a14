// Is a header that others may have written believed only where it names a span?
import { defaultPayloadConverter } from '@temporalio/common';
import { expect, test } from 'vitest';
import { TRACE_HEADER } from '../../../api/names.ts';
import { buildTraceId } from '../../../tracing/claim-trace-ids.ts';
import { buildTraceHeader, parseTraceHeader } from '../../../tracing/trace-header.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

function parse(carrier: unknown) {
  return parseTraceHeader({ [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrier) });
}

test('what is built is parsed', () => {
  const built = buildTraceHeader({ traceId: TRACE, spanId: SPAN, traceFlags: 1 });
  expect(parseTraceHeader(built)).toEqual({
    traceId: TRACE,
    spanId: SPAN,
    traceFlags: 1,
    isRemote: true,
  });
});

test.each([
  {},
  null,
  'text',
  { traceparent: 7 },
  { traceparent: `00-${TRACE}-${SPAN}` },
  { traceparent: `00-${'0'.repeat(32)}-${SPAN}-01` },
  { traceparent: `00-${TRACE}-${'0'.repeat(16)}-01` },
  { traceparent: `00-${TRACE.toUpperCase()}-${SPAN}-01` },
])('%j names no span', (carrier) => {
  expect(parse(carrier)).toBeUndefined();
});

test('a payload that cannot be read names no span', () => {
  const payload = {
    metadata: { encoding: Buffer.from('binary/encrypted') },
    data: Buffer.from('x'),
  };
  expect(parseTraceHeader({ [TRACE_HEADER]: payload })).toBeUndefined();
  expect(parseTraceHeader({})).toBeUndefined();
});

test.each([
  ['3f2504e0-4f89-11d3-9a0c-0305e82c3301', '3f2504e04f8911d39a0c0305e82c3301'],
  ['3F2504E0-4F89-11D3-9A0C-0305E82C3301', '3f2504e04f8911d39a0c0305e82c3301'],
  ['00000000-0000-0000-0000-000000000000', undefined],
  ['claim-uid', undefined],
])('the trace of the claim %s is %s', (uid, traceId) => {
  expect(buildTraceId(uid)).toBe(traceId);
});
