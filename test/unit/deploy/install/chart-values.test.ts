// Is every value of the chart described, and is nothing else accepted?
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkoutPath } from '../../../../deploy/images/checkout.ts';
import { listLeaves, readChartValues } from '../../../../deploy/install/chart-values.ts';
import { buildValuesPage } from '../../../../deploy/install/values-page.ts';
import { buildValuesSchema } from '../../../../deploy/install/values-schema.ts';

const text = `
# Of the whole file.

first:
  # One thing.
  # @schema {minimum: 1}
  count: 2
  # Labels.
  # @schema {additionalProperties: {type: string}}
  labels: { a: b }
# Two
# lines.
last: ''
`;

describe('readChartValues', () => {
  it('takes the comment above a value as its description', () => {
    const leaves = listLeaves(readChartValues(text));

    expect(leaves.map(({ path, description }) => [path, description])).toEqual([
      ['first.count', 'One thing.'],
      ['first.labels', 'Labels.'],
      ['last', 'Two lines.'],
    ]);
  });

  it.each([
    ['value', 'first:\n  count: 2\n', '"first.count"'],
    ['value that is only typed', '# @schema {minimum: 1}\ncount: 2\n', '"count"'],
  ])('refuses a %s without a description', (_, given, name) => {
    // Above the first key of a file is a comment on the file.
    const withFirst = `# x\n\n# Zero.\nzero: 0\n${given}`;

    expect(() => readChartValues(withFirst)).toThrow(name);
  });
});

describe('buildValuesSchema', () => {
  it('allows the keys of a section and what a comment allows, each of the type of its default', () => {
    const { properties, additionalProperties } = buildValuesSchema(readChartValues(text));

    expect(additionalProperties).toBe(false);
    expect(properties).toMatchObject({
      first: {
        additionalProperties: false,
        properties: {
          count: { type: 'integer', minimum: 1, default: 2, description: 'One thing.' },
          labels: { type: 'object', additionalProperties: { type: 'string' } },
        },
      },
      last: { type: 'string' },
    });
  });
});

describe('values.yaml', () => {
  const values = readChartValues(readFileSync(checkoutPath('deploy/chart/values.yaml'), 'utf8'));

  it('has every value on the page of the reference', () => {
    const page = buildValuesPage(values);

    for (const { path } of listLeaves(values)) expect(page).toContain(`\`${path}\``);
  });
});
