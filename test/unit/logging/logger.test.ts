// Is each line JSON, with the same kind of value in the same field?
import { beforeEach, describe, expect, it, test } from 'vitest';
import { describeError } from '../../../logging/describe-error.ts';
import { createLogger } from '../../../logging/logger.ts';

let lines: string[] = [];
const log = createLogger({ component: 'csi-node', node: 'node1' }, 'info', {
  write: (line: string) => lines.push(line),
});

beforeEach(() => {
  lines = [];
});

describe('a line', () => {
  it('names level, time, component and node in words', () => {
    log.warn({ sourceKey: 'key' }, 'Storage fails');
    expect(JSON.parse(lines.join(''))).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      component: 'csi-node',
      node: 'node1',
      sourceKey: 'key',
      msg: 'Storage fails',
    });
  });

  it('tells an error as text, without a stack', () => {
    log.error({ err: new Error('first\nsecond') }, 'Failed');
    log.error({ err: 'plain' }, 'Failed');
    expect(lines.map((line) => (JSON.parse(line) as { err: unknown }).err)).toEqual([
      'first second',
      'plain',
    ]);
    expect(lines.join('')).not.toContain('logger.test.ts');
  });
});

const refused = new Error('connect ECONNREFUSED 127.0.0.1:1');

test.each<[unknown, string]>([
  [new Error('outer', { cause: new Error('inner') }), 'outer: inner'],
  [new Error('outer: inner', { cause: new Error('inner') }), 'outer: inner'],
  [
    new Error('outer: inner', { cause: new Error('inner', { cause: new Error('deepest') }) }),
    'outer: inner: deepest',
  ],
  [new AggregateError([refused], ''), 'Error: connect ECONNREFUSED 127.0.0.1:1'],
  [new TypeError(), 'TypeError'],
  ['text', 'text'],
  [undefined, 'undefined'],
])('%o is told as "%s"', (error, told) => {
  expect(describeError(error)).toBe(told);
});

test('an error that is its own cause ends', () => {
  const error = new Error('again');
  error.cause = new Error('and again', { cause: error });
  expect(describeError(error)).toBe('again: and again');
});
