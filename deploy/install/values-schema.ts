// Which values does Helm refuse? (deploy/chart/values.schema.json)
import type { ChartValue, JsonSchema } from './chart-values.ts';

const quantities: JsonSchema = {
  type: 'object',
  additionalProperties: { type: ['string', 'number'] },
};

/** What comments in values.yaml may name by `$ref`. */
const DEFINITIONS: Record<string, JsonSchema> = {
  digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
  logLevel: { enum: ['trace', 'debug', 'info', 'warn', 'error'] },
  name: {
    type: 'object',
    properties: { name: { type: 'string', minLength: 1 } },
    required: ['name'],
    additionalProperties: false,
  },
  port: { type: 'integer', minimum: 1, maximum: 65_535 },
  resources: {
    type: 'object',
    properties: { requests: quantities, limits: quantities },
    additionalProperties: false,
  },
  strings: { type: 'object', additionalProperties: { type: 'string' } },
  url: { type: 'string', pattern: '^(https?://.+)?$' },
};

/** What Helm gives to the chart when it is a part of another one. */
const ofParent: JsonSchema = {
  global: { type: 'object', description: 'Values of a parent chart.' },
};

/** Refuses every value that is not in values.yaml, and every other type than that of its default. */
export function buildValuesSchema(values: readonly ChartValue[]): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Values of the chart dynvol',
    ...buildSection(values, ofParent),
    $defs: DEFINITIONS,
  };
}

function buildSection(values: readonly ChartValue[], more: JsonSchema = {}): JsonSchema {
  const own = Object.fromEntries(values.map((value) => [value.name, buildValue(value)]));
  return { type: 'object', properties: { ...own, ...more }, additionalProperties: false };
}

function buildValue({ children, description, refinement, default: given }: ChartValue): JsonSchema {
  if (children.length > 0) return buildSection(children);
  const type = '$ref' in refinement || 'enum' in refinement ? {} : { type: nameType(given) };
  return { description, ...type, ...refinement, default: given };
}

function nameType(given: unknown): string {
  if (Array.isArray(given)) return 'array';
  return Number.isInteger(given) ? 'integer' : typeof given;
}
