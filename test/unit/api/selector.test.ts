// Does a selector match as Kubernetes would?
import { describe, expect, it } from 'vitest';
import type { LabelSelector } from '../../../api/label-selector.ts';
import { matchesSelector } from '../../../api/selector.ts';

const LABELS = { app: 'nginx', tier: 'web', empty: '' };

function expression(
  key: string,
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist',
  values?: string[],
): LabelSelector {
  return { matchExpressions: [{ key, operator, ...(values ? { values } : {}) }] };
}

describe('matchesSelector', () => {
  it.each<[string, LabelSelector, boolean]>([
    ['all labels equal', { matchLabels: { app: 'nginx', tier: 'web' } }, true],
    ['one label differs', { matchLabels: { app: 'nginx', tier: 'db' } }, false],
    ['a label is absent', { matchLabels: { zone: 'a' } }, false],
    ['an empty value is a value', { matchLabels: { empty: '' } }, true],
    ['an absent label is not an empty value', { matchLabels: { zone: '' } }, false],
    ['In, listed', expression('app', 'In', ['httpd', 'nginx']), true],
    ['In, not listed', expression('app', 'In', ['httpd']), false],
    ['In, absent', expression('zone', 'In', ['a']), false],
    ['NotIn, listed', expression('app', 'NotIn', ['nginx']), false],
    ['NotIn, not listed', expression('app', 'NotIn', ['httpd']), true],
    ['NotIn, absent', expression('zone', 'NotIn', ['a']), true],
    ['Exists', expression('empty', 'Exists'), true],
    ['Exists, absent', expression('zone', 'Exists'), false],
    ['Exists, a name every object has', expression('constructor', 'Exists'), false],
    ['DoesNotExist', expression('zone', 'DoesNotExist'), true],
    ['DoesNotExist, present', expression('app', 'DoesNotExist'), false],
    [
      'labels and expressions, both',
      { matchLabels: { app: 'nginx' }, ...expression('tier', 'In', ['db']) },
      false,
    ],
    ['nothing asked', {}, false],
    ['empty parts', { matchLabels: {}, matchExpressions: [] }, false],
  ])('%s', (_case, selector, matches) => {
    expect(matchesSelector(selector, LABELS)).toBe(matches);
  });
});
