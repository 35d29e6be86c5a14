// Which values does the chart take, and what does each mean? (read from values.yaml and its comments)
import { isMap, isScalar, parse, parseDocument, type Pair, type YAMLMap } from 'yaml';

/** Of JSON Schema (draft 2020-12), what is used here. */
export type JsonSchema = Record<string, unknown>;

/** One value, or a section of values. */
export interface ChartValue {
  /** As for `--set`: `image.registry`. */
  path: string;
  /** Its last part. */
  name: string;
  description: string;
  default: unknown;
  /** What its `@schema` comment adds. */
  refinement: JsonSchema;
  /** Of a section; a value has none. */
  children: ChartValue[];
}

const REFINEMENT = /^ *@schema (.*)$/;

/**
 * Reads values.yaml. A map with keys is a section, unless its `@schema` says what its keys may be.
 * @throws Error a value has no comment
 */
export function readChartValues(text: string): ChartValue[] {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) throw new Error('values.yaml is not a map');
  return readMap(contents, '');
}

function readMap(map: YAMLMap, prefix: string): ChartValue[] {
  return map.items.map((pair, index) => {
    // What stands above the first key belongs to the map, for this parser.
    const above = index === 0 && prefix !== '' ? map.commentBefore : undefined;
    return readPair(pair, prefix, above);
  });
}

function readPair(
  { key, value }: Pair,
  prefix: string,
  above: string | null | undefined,
): ChartValue {
  if (!isScalar(key)) throw new Error(`values.yaml: a key below "${prefix}" is not a word`);
  const name = String(key.value);
  const path = `${prefix}${name}`;
  const lines = (above ?? key.commentBefore ?? '').split('\n');
  const refinement = readRefinement(lines);
  const isSection = isMap(value) && value.items.length > 0 && !isLeaf(refinement);
  const description = lines
    .filter((line) => !REFINEMENT.test(line))
    .map((line) => line.trim())
    .join(' ')
    .trim();
  if (!isSection && description === '')
    throw new Error(`values.yaml: "${path}" has no comment that says what it means`);
  const given: unknown = isMap(value) || !isScalar(value) ? toPlain(value) : value.value;
  const children = isSection ? readMap(value, `${path}.`) : [];
  return { path, name, description, default: given, refinement, children };
}

function readRefinement(lines: string[]): JsonSchema {
  const text = lines.map((line) => REFINEMENT.exec(line)?.[1]).find(Boolean);
  return text === undefined ? {} : (parse(text) as JsonSchema);
}

function isLeaf(refinement: JsonSchema): boolean {
  return '$ref' in refinement || 'additionalProperties' in refinement;
}

function toPlain(node: unknown): unknown {
  return (node as { toJSON(): unknown }).toJSON();
}

/** Every value, without sections. */
export function listLeaves(values: readonly ChartValue[]): ChartValue[] {
  return values.flatMap((value) =>
    value.children.length > 0 ? listLeaves(value.children) : [value],
  );
}
