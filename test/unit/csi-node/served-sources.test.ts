// Is it known which mount pods serve what, and told when that changes?
import { expect, test } from 'vitest';
import { ServedSources, type SourceRequest } from '../../../csi-node/served-sources.ts';

const s3 = {
  ...{ bucket: 'b', endpoint: 'http://s3', prefix: '', region: '', sessionToken: '', caCert: '' },
  ...{ accessKeyId: 'id', secretAccessKey: 'key' },
};
const request = (sourceKey: string, mountPodUid: string): SourceRequest => ({
  ...{ sourceKey, mountPodUid, s3, writeMode: 'sequential' },
});

test('tells of a change only when another mount pod serves a source, or one less does', () => {
  let changes = 0;
  const served = new ServedSources(() => changes++);
  served.set(request('a', 'pod-1'));
  served.set(request('b', 'pod-1'));
  served.set(request('a', 'pod-1'));
  expect(changes).toBe(2);
  served.set(request('a', 'pod-2'));
  expect(served.mountPodUids).toEqual(new Set(['pod-1', 'pod-2']));
  expect(served.findServedBy('pod-1')).toEqual(['b']);
  served.delete('b');
  served.delete('b');
  expect(changes).toBe(4);
  expect(served.mountPodUids).toEqual(new Set(['pod-2']));
});

test('keeps nothing of a request but what a source is made of', () => {
  const served = new ServedSources(() => undefined);
  const attachment = { ...request('a', 'pod-1'), targets: [], claimUid: 'claim' };
  served.set(attachment);
  expect(served.get('a')).toEqual(request('a', 'pod-1'));
});

test.for([
  ['unknown', 'c', 'pod-1', true],
  ['served by the one that is named', 'a', 'pod-1', true],
  ['served by another', 'a', 'pod-2', false],
] as const)('a source that is %s', ([, key, mountPodUid, expected]) => {
  const served = new ServedSources(() => undefined);
  served.set(request('a', 'pod-1'));
  expect(served.isServedAsNamed(request(key, mountPodUid))).toBe(expected);
});
