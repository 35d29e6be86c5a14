// What do the log calls of the sources write?
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAst } from 'rolldown/parseAst';

/** A call such as `log.warn({ node }, 'Sentence')`. */
export interface LogCall {
  /** `<file>:<sentence>`. */
  where: string;
  fields: string[];
  /** The sentence, or undefined if it is put together. */
  sentence: string | undefined;
}

interface Node {
  type: string;
  [key: string]: unknown;
}

/** A child writes its fields in each of its lines. */
const METHODS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'child'];
const FOLDERS = [
  'activities',
  'admission',
  'classes',
  'csi-node',
  'enrolment',
  'installation',
  'logging',
].concat([...['watch', 'workers', 'workflows', 'console/server', 'tracing', 'metrics']]);
const ROOT = join(import.meta.dirname, '../../..');

/** Finds all calls of the product. */
export function findLogCalls(): LogCall[] {
  return FOLDERS.flatMap(listSources).flatMap((path) => {
    const tree = parseAst(readFileSync(join(ROOT, path), 'utf8'), { lang: 'ts' });
    const nodes = [...listNodes(tree)];
    return nodes.flatMap((node) => readCall(path, node, nodes));
  });
}

function listSources(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
}

function* listNodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* listNodes(one);
  else if (typeof value === 'object' && value !== null) {
    if ('type' in value) yield value as Node;
    for (const child of Object.values(value)) yield* listNodes(child);
  }
}

/** `log.warn(fields, sentence)`, or `attempt.warn(sentence, fields)` as Temporal's logger has it. */
function readCall(path: string, node: Node, all: Node[]): LogCall[] {
  if (node.type !== 'CallExpression') return [];
  const callee = node.callee as Node;
  const method = nameOf(callee.type === 'MemberExpression' ? callee.property : callee);
  const target = callee.type === 'MemberExpression' ? nameOf(innermost(callee.object)) : '';
  const isLog = METHODS.includes(method) && /^#?(log|attempt|)$/.test(target);
  if (!isLog) return [];
  const given = node.arguments as Node[];
  const sentence = given.find(({ type }) => type === 'Literal' || type === 'TemplateLiteral');
  const fields = given.find(({ type }) => type === 'ObjectExpression');
  if (sentence === undefined && fields === undefined) return [];
  const text = typeof sentence?.value === 'string' ? sentence.value : undefined;
  return [{ where: `${path}: ${text}`, fields: listKeys(fields, all), sentence: text }];
}

function innermost(node: unknown): unknown {
  const { type, property } = node as Node;
  return type === 'MemberExpression' ? property : node;
}

/** Also those of what is spread there, unless it comes from a function or another file. */
function listKeys(value: unknown, all: Node[]): string[] {
  const node = (value ?? { type: '' }) as Node;
  const listAll = (values: unknown[]) => values.flatMap((one) => listKeys(one, all));
  switch (node.type) {
    case 'ObjectExpression':
      return listAll(node.properties as Node[]);
    case 'Property':
      return [nameOf(node.key)];
    case 'SpreadElement':
      return listKeys(node.argument, all);
    case 'ConditionalExpression':
      return listAll([node.consequent, node.alternate]);
    case 'LogicalExpression':
      return listAll([node.left, node.right]);
    case 'Identifier':
      return listAll(findValues(nameOf(node), all));
    default:
      return [];
  }
}

/** What a file calls by this name. */
function findValues(name: string, all: Node[]): unknown[] {
  const declared = all.filter(
    ({ type, id }) => type === 'VariableDeclarator' && nameOf(id) === name,
  );
  return declared.map(({ init }) => init);
}

function nameOf(node: unknown): string {
  const { name } = (node ?? {}) as { name?: unknown };
  return typeof name === 'string' ? name : '';
}
