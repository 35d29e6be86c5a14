// Does the log name the object of a review by its own field?
import { expect, test } from 'vitest';
import { buildObjectFields } from '../../../admission/log-object.ts';
import { aRequest } from '../../builders/reviews.ts';

test.each<[string, object, Record<string, unknown>, Record<string, string>]>([
  ['a pod', { kind: 'Pod' }, { name: 'web-1' }, { pod: 'shop/web-1' }],
  ['a pod of an owner', { kind: 'Pod' }, { generateName: 'web-' }, { pod: 'shop/web-' }],
  ['a claim', { kind: 'DynamicVolumeClaim' }, { name: 'data' }, { claim: 'shop/data' }],
  ['a class', { kind: 'StorageProviderClass' }, { name: 's3' }, { object: 'shop/s3' }],
  ['an object without a name', {}, {}, { object: 'shop/' }],
])('%s', (_what, kind, metadata, fields) => {
  expect(buildObjectFields({ ...aRequest({ metadata }), kind })).toEqual(fields);
});

test('an eviction is named by the pod', () => {
  const request = { ...aRequest({}), kind: { kind: 'Eviction' }, name: 's3-1' };
  expect(buildObjectFields(request)).toEqual({ pod: 'shop/s3-1' });
});
