// Does what a workflow asks for carry the header of whoever spoke last?
import type {
  Headers,
  WorkflowInboundCallsInterceptor,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { beforeEach, expect, it } from 'vitest';
import { TRACE_HEADER } from '../../../api/names.ts';
import { interceptors } from '../../../workflows/trace-headers.ts';

type Inbound = 'execute' | 'handleSignal' | 'handleUpdate';
type Outbound = 'scheduleActivity' | 'scheduleLocalActivity' | 'continueAsNew';

let inbound: WorkflowInboundCallsInterceptor;
let outbound: WorkflowOutboundCallsInterceptor;

beforeEach(() => {
  const made = interceptors();
  inbound = made.inbound?.[0] ?? {};
  outbound = made.outbound?.[0] ?? {};
});

const named = (text: string): Headers => ({ [TRACE_HEADER]: { data: Buffer.from(text) } });

function hear(message: Inbound, headers: Headers): void {
  const take = inbound[message] as (input: object, next: () => unknown) => unknown;
  take({ headers }, () => undefined);
}

function ask(what: Outbound, headers: Headers = {}): Headers {
  const give = outbound[what] as (input: object, next: (input: object) => unknown) => unknown;
  return give({ headers }, (input) => (input as { headers: Headers }).headers) as Headers;
}

it.each<Outbound>(['scheduleActivity', 'scheduleLocalActivity', 'continueAsNew'])(
  '%s carries the header of the start',
  (what) => {
    hear('execute', named('start'));
    expect(ask(what)).toEqual(named('start'));
  },
);

it.each<Inbound>(['handleSignal', 'handleUpdate'])('%s comes in the place of the start', (what) => {
  hear('execute', named('start'));
  hear(what, named('later'));
  expect(ask('scheduleActivity')).toEqual(named('later'));
});

it('a message without a header changes nothing, and other headers stay where they are', () => {
  const other = { other: { data: Buffer.from('x') } };
  hear('execute', named('start'));
  hear('handleSignal', other);
  expect(ask('scheduleActivity', other)).toEqual({ ...other, ...named('start') });
});

it('nothing is added while nobody has sent a header', () => {
  hear('execute', {});
  expect(ask('scheduleActivity')).toEqual({});
});

it('runs do not know of each other', () => {
  hear('execute', named('start'));
  const other = interceptors().outbound?.[0]?.scheduleActivity as (
    input: object,
    next: (input: object) => unknown,
  ) => unknown;
  expect(other({ headers: {} }, (input) => input)).toEqual({ headers: {} });
});
