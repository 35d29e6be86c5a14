// How does a zod schema become a structural schema of a CustomResourceDefinition?
import { z } from 'zod';

/** The part of OpenAPI v3 that a structural schema may use. */
export interface StructuralSchema {
  type?: string;
  description?: string;
  properties?: Record<string, StructuralSchema>;
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema | boolean;
  required?: string[];
  'x-kubernetes-validations'?: ValidationRule[];
  [keyword: string]: unknown;
}

/** A CEL rule (`x-kubernetes-validations`). */
export interface ValidationRule {
  rule: string;
  message?: string;
  messageExpression?: string;
}

/** Rules and the place in a schema that they are for. */
export interface RulesAt {
  /** As {@link addRules} takes it. */
  at: string[];
  rules: ValidationRule[];
}

const DROPPED = ['$schema', 'propertyNames', 'exclusiveMinimum'];

/**
 * Converts a zod object. Structural schemas forbid `additionalProperties: false` beside `properties`
 * and a `default` in `required` (Kubernetes documentation, "Specifying a structural schema").
 */
export function buildStructuralSchema(schema: z.ZodType): StructuralSchema {
  return clean(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as StructuralSchema);
}

function clean(node: StructuralSchema): StructuralSchema {
  const result: StructuralSchema = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (DROPPED.includes(keyword)) continue;
    if (keyword === 'properties') {
      result.properties = Object.fromEntries(
        Object.entries(value as Record<string, StructuralSchema>).map(([k, v]) => [k, clean(v)]),
      );
    } else if (keyword === 'items') {
      result.items = clean(value as StructuralSchema);
    } else if (keyword === 'additionalProperties') {
      if (typeof value === 'object') result.additionalProperties = clean(value as StructuralSchema);
    } else if (Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) {
      continue; // zod's bounds of int(); Kubernetes says it by `format`
    } else {
      result[keyword] = value;
    }
  }
  if (result.type === 'integer') result.format = 'int64';
  if (result.format === 'date-time') delete result.pattern;
  return result;
}

/** Adds CEL rules to the schema at a path of property names; `[]` is a list's items, `*` a map's values. */
export function addRules(root: StructuralSchema, at: string[], rules: ValidationRule[]): void {
  const node = at.reduce<StructuralSchema>((parent, name) => {
    const child = findChild(parent, name);
    if (!child) throw new Error(`The schema has no property ${at.join('.')}`);
    return child;
  }, root);
  node['x-kubernetes-validations'] = [...(node['x-kubernetes-validations'] ?? []), ...rules];
}

function findChild(parent: StructuralSchema, name: string): StructuralSchema | undefined {
  if (name === '[]') return parent.items;
  if (name !== '*') return parent.properties?.[name];
  return typeof parent.additionalProperties === 'object' ? parent.additionalProperties : undefined;
}
