// What does a person read about the two custom resources? (docs/reference/custom-resources.md; no process imports it)
import { buildClaimCrd, buildClassCrd } from './crd.ts';
import { buildMarkdownTable } from './markdown-table.ts';
import { GROUP } from './names.ts';
import type { StructuralSchema } from './structural-schema.ts';

type Crd = ReturnType<typeof buildClaimCrd>;

interface Field {
  /** As in `kubectl explain`, with `[]` for the items of a list. */
  path: string;
  schema: StructuralSchema;
  required: boolean;
}

/** Builds the page of all fields. */
export function buildCustomResourcesPage(): string {
  return [
    '# Custom resources',
    '',
    'Every field of claims and classes, with what the API server refuses. `kubectl explain dvc.spec` tells the same. What the webhook and the controller refuse besides is in [Bad input](bad-input.md); the keys of `spec.parameters` are in [Annotations, labels and parameters](annotations.md#parameters-of-a-class).',
    '',
    'Generated from `api/` by `npm run generate`; do not edit.',
    '',
    ...buildKind(buildClaimCrd()),
    '',
    ...buildKind(buildClassCrd()),
    '',
  ].join('\n');
}

function buildKind({ spec: { group, names, scope, versions } }: Crd): string[] {
  const [version] = versions;
  if (version === undefined) return [];
  const schema = version.schema.openAPIV3Schema;
  const columns = version.additionalPrinterColumns;
  return [
    `## ${names.kind}`,
    '',
    `${schema.description ?? ''} \`${group}/${version.name}\`, ${scope === 'Cluster' ? 'cluster-scoped' : 'namespaced'}; \`kubectl get ${names.plural}\` or \`${names.shortNames.join('`, `')}\`.`,
    '',
    ...buildFields(schema),
    '',
    '**Columns** of `kubectl get`:',
    '',
    ...buildMarkdownTable(
      ['Column', 'Means', 'Shown'],
      columns.map(({ name, description, priority }) => [
        `\`${name}\``,
        description,
        priority === undefined ? 'always' : 'with `-o wide`',
      ]),
    ),
    '',
    '**Refused** by the API server, with the value beside the field:',
    '',
    '```text',
    ...new Set(listRefusals(schema)),
    '```',
  ];
}

function buildFields(schema: StructuralSchema): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, part], index) => [
    ...(index > 0 ? [''] : []),
    `### ${name}`,
    '',
    part.description ?? '',
    '',
    ...buildMarkdownTable(['Field', 'Type', 'Means'], listFields(part, name).map(formatField)),
  ]);
}

function listFields(parent: StructuralSchema, path: string): Field[] {
  return Object.entries(parent.properties ?? {}).flatMap(([name, schema]) => {
    const field = {
      path: `${path}.${name}`,
      schema,
      required: parent.required?.includes(name) === true,
    };
    const items = schema.items ? listFields(schema.items, `${field.path}[]`) : [];
    return [field, ...listFields(schema, field.path), ...items];
  });
}

function formatField({ path, schema, required }: Field): string[] {
  const { description = '', enum: allowed } = schema as StructuralSchema & { enum?: unknown[] };
  return [
    `\`${path}\``,
    [nameType(schema), ...describeBounds(schema)].join(', '),
    [
      // The keys of parameters have a page of their own.
      description.replaceAll(`${GROUP}/`, ''),
      ...(required ? ['Required.'] : []),
      ...(allowed ? [`One of ${allowed.map((one) => `\`${String(one)}\``).join(', ')}.`] : []),
      ...('default' in schema ? [`Default: \`${String(schema['default'])}\`.`] : []),
    ].join(' '),
  ];
}

function nameType({ type = 'object', items, additionalProperties }: StructuralSchema): string {
  if (items) return `list of ${items.type ?? 'object'}s`;
  if (typeof additionalProperties === 'object') return `map of ${additionalProperties.type}s`;
  return type;
}

/** A lower bound of one is what `Required` says. */
function describeBounds(schema: StructuralSchema): string[] {
  const { minLength, maxLength, maxItems, maxProperties } = schema as Record<
    string,
    number | undefined
  >;
  const least = minLength !== undefined && minLength > 1 ? `${minLength} to` : 'at most';
  const most = maxItems ?? maxProperties;
  return [
    ...(maxLength === undefined ? [] : [`${least} ${maxLength} characters`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
  ];
}

function listRefusals(schema: StructuralSchema): string[] {
  const own = (schema['x-kubernetes-validations'] ?? []).flatMap(
    ({ message, messageExpression }) =>
      message === undefined ? readExpression(messageExpression) : [message],
  );
  const { additionalProperties: values } = schema;
  const children = [
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
    ...(typeof values === 'object' ? [values] : []),
  ];
  return [...own, ...children.flatMap(listRefusals)];
}

/** The words of a CEL expression that joins texts and values; a value becomes `…`. */
function readExpression(expression = ''): string[] {
  const words = expression.replaceAll(/' \+ [^']+? \+ '/g, '…').replaceAll(/^'|'$/g, '');
  return words === '' ? [] : [words];
}
