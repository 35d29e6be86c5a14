import { describe, expect, it } from 'vitest';
import { parseNodeCount, UsageError } from '../../../../deploy/stack/node-count.ts';

describe('parseNodeCount()', () => {
  it.each([
    ['nothing', [], 1],
    ['one node', ['--nodes', '1'], 1],
    ['two nodes', ['--nodes', '2'], 2],
    ['two nodes in one word', ['--nodes=2'], 2],
  ])('reads %s', (_, args, count) => {
    expect(parseNodeCount(args)).toBe(count);
  });

  it.each([
    [['--nodes', '3'], '--nodes is "3"; it can be 1 or 2'],
    [['--nodes', '0'], '--nodes is "0"; it can be 1 or 2'],
    [['--nodes', '02'], '--nodes is "02"; it can be 1 or 2'],
    [['--nodes='], '--nodes is ""; it can be 1 or 2'],
    [['--nodes'], 'up takes --nodes 1 or --nodes 2 and nothing else'],
    [['--node', '2'], 'up takes --nodes 1 or --nodes 2 and nothing else'],
    [['2'], 'up takes --nodes 1 or --nodes 2 and nothing else'],
  ])('refuses %j in one sentence', (args, message) => {
    expect(() => parseNodeCount(args)).toThrow(new UsageError(message));
  });
});
