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

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const FOLDERS = ['activities', 'admission', 'classes', 'csi-node', 'enrolment', 'logging'].concat([
  ...['watch', 'workers', 'workflows', 'console/server', 'tracing'],
]);
const ROOT = join(import.meta.dirname, '../../..');

/** Finds all calls of the product. */
export function findLogCalls(): LogCall[] {
  return FOLDERS.flatMap(listSources).flatMap((path) => {
    const tree = parseAst(readFileSync(join(ROOT, path), 'utf8'), { lang: 'ts' });
    return [...listNodes(tree as unknown as Node)].flatMap((node) => readCall(path, node));
  });
}

function listSources(folder: string): string[] {
  try {
    const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
  } catch {
    return []; // not every folder has to be there
  }
}

function* listNodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* listNodes(one);
  else if (typeof value === 'object' && value !== null) {
    if ('type' in value) yield value as Node;
    for (const child of Object.values(value)) yield* listNodes(child);
  }
}

/** `log.warn(fields, sentence)`, or `attempt.warn(sentence, fields)` as Temporal's logger has it. */
function readCall(path: string, node: Node): LogCall[] {
  if (node.type !== 'CallExpression') return [];
  const callee = node.callee as Node;
  const level = nameOf(callee.type === 'MemberExpression' ? callee.property : callee);
  const target = callee.type === 'MemberExpression' ? nameOf(innermost(callee.object)) : '';
  const isLog = LEVELS.includes(level) && /^#?(log|attempt|)$/.test(target);
  if (!isLog) return [];
  const given = node.arguments as Node[];
  const sentence = given.find(({ type }) => type === 'Literal' || type === 'TemplateLiteral');
  const fields = given.find(({ type }) => type === 'ObjectExpression');
  if (sentence === undefined && fields === undefined) return [];
  const text = typeof sentence?.value === 'string' ? sentence.value : undefined;
  return [{ where: `${path}: ${text}`, fields: listKeys(fields), sentence: text }];
}

function innermost(node: unknown): unknown {
  const { type, property } = node as Node;
  return type === 'MemberExpression' ? property : node;
}

function listKeys(fields: Node | undefined): string[] {
  const properties = (fields?.properties ?? []) as Node[];
  return properties.flatMap(({ type, key }) => (type === 'Property' ? [nameOf(key)] : []));
}

function nameOf(node: unknown): string {
  const { name } = (node ?? {}) as { name?: unknown };
  return typeof name === 'string' ? name : '';
}
