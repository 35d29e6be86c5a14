// Which pod is behind a Service?
import { describe, expect, it } from 'vitest';
import { findServicePod } from '../../../cli/service-pod.ts';
import type { PodList } from '../../../cli/service-pod.ts';

function aPod(
  name: string,
  changes: { ready?: boolean; ending?: boolean } = {},
): PodList['items'][number] {
  const { ready = true, ending = false } = changes;
  return {
    metadata: { name, ...(ending ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: { containers: [{ ports: [{ name: 'rpc', containerPort: 17_233 }] }] },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

const behind = (targetPort?: number | string) => ({
  spec: { ports: [{ port: 7_233, ...(targetPort === undefined ? {} : { targetPort }) }] },
});

describe('findServicePod', () => {
  it.each([
    ['the number of targetPort', behind(1_234), 1_234],
    ['the container port that targetPort names', behind('rpc'), 17_233],
    ["the Service's own port where it has no targetPort", behind(), 7_233],
  ])('takes %s', (_what, service, port) => {
    expect(findServicePod(service, 7_233, { items: [aPod('a')] })).toEqual({ pod: 'a', port });
  });

  it('passes over pods that are not ready, that end, or that lack the named port', () => {
    const items = [aPod('a', { ready: false }), aPod('b', { ending: true }), aPod('c')];

    expect(findServicePod(behind(1), 7_233, { items })?.pod).toBe('c');
    expect(findServicePod(behind('other'), 7_233, { items })).toBeUndefined();
  });
});
