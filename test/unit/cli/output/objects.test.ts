// Are objects printed so that programs read the same?
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatObject } from '../../../../cli/output/objects.ts';

const OBJECT = {
  metadata: {
    name: 'pictures',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { a: 'yes', b: '012', c: 'null' },
    managedFields: [{ manager: 'kubectl' }],
  },
};
const SHOWN = { metadata: { ...OBJECT.metadata, managedFields: undefined } };

it.each(['json', 'yaml'] as const)('%s has everything but the managed fields', (format) => {
  const text = formatObject(OBJECT, format);
  expect(format === 'json' ? JSON.parse(text) : parse(text)).toEqual(SHOWN);
});

it('YAML keeps texts that look like something else, also for older readers', () => {
  expect(parse(formatObject(OBJECT, 'yaml'), { version: '1.1' })).toEqual(SHOWN);
});
