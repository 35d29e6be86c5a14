// Does whoever calls get an answer, whatever becomes of its count?
import { type ServerInterceptingCallInterface, status } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { buildCallObserver } from '../../../csi-node/observe-calls.ts';
import type { ObserveCall } from '../../../metrics/observe-call.ts';

type Definition = Parameters<ReturnType<typeof buildCallObserver>>[0];

const definition = { path: '/csi.v1.Node/NodePublishVolume', responseStream: false } as Definition;

/** A call whose handler has answered; what was sent, and what was told. */
function observe(observer: ObserveCall) {
  const sent: (status | null | undefined)[] = [];
  const inner = {
    sendStatus: ({ code }) => void sent.push(code),
  } as ServerInterceptingCallInterface;
  const call = buildCallObserver(observer)(definition, inner);
  return { sent, end: () => call.sendStatus({ code: status.OK, details: '' }) };
}

it('tells of a call once, by the name of its method', () => {
  const told: string[] = [];
  const { sent, end } = observe((method, code) => void told.push(`${method} ${code}`));
  end();
  end();

  expect(told).toEqual(['NodePublishVolume OK']);
  expect(sent).toEqual([status.OK, status.OK]);
});

it('sends the answer of a call that cannot be counted', () => {
  const { sent, end } = observe(() => {
    throw new Error('no such label');
  });

  expect(end).toThrow('no such label');
  expect(sent).toEqual([status.OK]);
});
