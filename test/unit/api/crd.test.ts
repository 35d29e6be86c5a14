// Are the CRDs structural, described and in step with the schemas?
import { describe, expect, it } from 'vitest';
import { buildClaimCrd, buildClassCrd } from '../../../api/crd.ts';
import { findStaleFiles } from '../../../api/generate.ts';
import type { StructuralSchema } from '../../../api/structural-schema.ts';

interface Found {
  path: string;
  schema: StructuralSchema;
}

function walk(schema: StructuralSchema, path = ''): Found[] {
  const children = Object.entries(schema.properties ?? {}).flatMap(([name, child]) =>
    walk(child, `${path}.${name}`),
  );
  const items = schema.items ? walk(schema.items, `${path}[]`) : [];
  return [{ path, schema }, ...children, ...items];
}

const schemas = [buildClaimCrd(), buildClassCrd()].flatMap((crd) =>
  walk(crd.spec.versions[0]!.schema.openAPIV3Schema, crd.spec.names.kind),
);

describe('the CRDs', () => {
  it('describe every property', () => {
    const silent = schemas.filter(
      ({ path, schema }) => !schema.description && !path.endsWith('[]'),
    );

    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it('give every node a type, and no keyword that a structural schema forbids', () => {
    const wrong = schemas.filter(
      ({ schema }) =>
        !schema.type ||
        schema.additionalProperties === false ||
        ['$ref', 'anyOf', 'oneOf', 'nullable', '$schema'].some((keyword) => keyword in schema),
    );

    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('bound every string and list that a rule looks at', () => {
    const ruled = schemas.filter(({ schema }) => schema['x-kubernetes-validations']);

    expect(ruled.length).toBeGreaterThan(3);
    for (const { path, schema } of ruled) {
      const bounded = schema.type !== 'string' || typeof schema.maxLength === 'number';
      expect([path, bounded]).toEqual([path, true]);
    }
  });

  it('are the files in the chart', () => {
    expect(findStaleFiles()).toEqual([]);
  });
});
