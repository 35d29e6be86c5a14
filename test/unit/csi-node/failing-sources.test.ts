// Is only a list of source keys taken from a mount pod, which is not trusted?
import { expect, test } from 'vitest';
import { parseFailingSources } from '../../../csi-node/failing-sources.ts';

test('takes source keys', () => {
  expect(parseFailingSources({ sources: ['aa.bb', 'aa.cc'] })).toEqual(new Set(['aa.bb', 'aa.cc']));
  expect(parseFailingSources({ sources: [] })).toEqual(new Set());
});

test.for([null, undefined, 'text', {}, { sources: null }, { sources: 'aa.bb' }, { sources: [1] }])(
  'refuses %j',
  (answer) => {
    expect(() => parseFailingSources(answer)).toThrow('did not answer with source keys');
  },
);
