// Do servers listen for both families, and also where the kernel knows IPv4 alone?
import { describe, expect, it } from 'vitest';
import { buildWildcardTarget, chooseWildcard } from '../../../api/wildcard.ts';

describe('a server that everybody shall reach', () => {
  it.each([
    { kernel: 'with IPv6', table: import.meta.filename, host: '::', target: '[::]:9810' },
    { kernel: 'without IPv6', table: '/nowhere', host: '0.0.0.0', target: '0.0.0.0:9810' },
  ])('listens at $host on a kernel $kernel', ({ table, host, target }) => {
    expect(chooseWildcard(table)).toBe(host);
    expect(buildWildcardTarget(9810, table)).toBe(target);
  });
});
