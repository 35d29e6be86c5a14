// Which commands does a page of the documentation show, and in which order? (pure)

/** A fenced block of commands, or what a page wants to have also run its reader's own cluster is as it assumes. */
export interface Step {
  /** Of the block's first line in the page, from 1. */
  line: number;
  /** One script. */
  script: string;
  /** What it shows as the output, line by line; absent when the page shows none. */
  output?: string[];
}

export interface Page {
  /** What is run inside of the stack. */
  steps: Step[];
  /** What boots the stack, or leads into it, is run on the machine that has it. */
  outside: Step[];
}

const FENCE = /^```(\w*)\s*$/;
const PREPARE = /^<!-- also run:?\s*$/;
const RUN_WITH = /^<!-- run( outside of the stack)?(?: with: (.+))? -->$/;
const RUN_UNTIL = /^<!-- run until (\S+) answers -->$/;

/** What a comment says of the block behind it. */
interface Manner {
  isOutside?: boolean;
  rewrite?: (block: string) => string;
}

/**
 * Parses a page. Run are blocks of the language `sh`, and of `console` the lines that begin with `$ `, whose output is
 * what follows them. Invisible to readers are these comments: of `<!-- also run` the lines up to `-->` are run; by
 * `<!-- run with: EXAMPLE -> PRESENT; … -->` the next block is run with what is there in place of its examples, by
 * `<!-- run outside of the stack -->` (and ` with: …`) on the machine that has the stack, and by
 * `<!-- run until URL answers -->` it is ended as soon as that does.
 *
 * @throws Error a block is not closed, or has not the example that shall be replaced
 */
export function parsePage(text: string): Page {
  const lines = text.split('\n');
  const page: Page = { steps: [], outside: [] };
  let manner: Manner = {};
  for (let at = 0; at < lines.length; at += 1) {
    manner = readManner(lines[at] ?? '') ?? manner;
    const language = readLanguage(lines[at] ?? '');
    if (language === undefined) continue;
    const end = lines.indexOf(language === 'prepare' ? '-->' : '```', at + 1);
    if (end < 0) throw new Error(`The block of line ${at + 1} is not closed`);
    const { isOutside = false, rewrite = (block: string) => block } = manner;
    const block = rewrite(lines.slice(at + 1, end).join('\n'));
    const steps = buildSteps(language, block.split('\n'), at + 2);
    page[isOutside ? 'outside' : 'steps'].push(...steps);
    if (steps.length > 0) manner = {};
    at = end;
  }
  return page;
}

function readManner(line: string): Manner | undefined {
  const [isRunWith, outside, pairs] = RUN_WITH.exec(line) ?? [];
  if (isRunWith !== undefined) {
    const rewrite = (block: string) => pairs?.split('; ').reduce(replaceExample, block) ?? block;
    return { isOutside: outside !== undefined, rewrite };
  }
  const url = RUN_UNTIL.exec(line)?.[1];
  if (url === undefined) return undefined;
  return { rewrite: (block) => `until_it_answers ${url} <<'COMMAND'\n${block}\nCOMMAND` };
}

function replaceExample(block: string, pair: string): string {
  const [example = '', present = ''] = pair.split(' -> ');
  if (!block.includes(example)) throw new Error(`There is no "${example}" in: ${block}`);
  return block.replaceAll(example, present);
}

function readLanguage(line: string): string | undefined {
  return PREPARE.test(line) ? 'prepare' : FENCE.exec(line)?.[1];
}

function buildSteps(language: string, lines: string[], line: number): Step[] {
  if (language === 'sh' || language === 'prepare') return [{ line, script: lines.join('\n') }];
  return language === 'console' ? splitConsole(lines, line) : [];
}

/** A command ends where its line does not end in a backslash; what follows is its output. */
function splitConsole(lines: string[], first: number): Step[] {
  const steps: Step[] = [];
  let isOpen = false;
  for (const [index, text] of lines.entries()) {
    const last = steps.at(-1);
    if (text.startsWith('$ '))
      steps.push({ line: first + index, script: text.slice(2), output: [] });
    else if (isOpen && last) last.script += `\n${text}`;
    else last?.output?.push(text);
    isOpen = text.endsWith('\\') && (isOpen || text.startsWith('$ '));
  }
  return steps;
}

/** Listing an empty directory prints nothing; of other commands a page may leave the output out. */
const SHOWS_EMPTY = /\bls -A\b/;

/** What of a step's output is not as its page shows it: lines that are missing, or what a listing shows too much. */
export function findFaults({ script, output }: Step, printed: string): string[] {
  if (output?.length === 0 && SHOWS_EMPTY.test(script))
    return printed.split('\n').filter((line) => line !== '');
  return findMissingLines(output ?? [], printed);
}

/**
 * Lines that a page shows and a command did not print. Numbers, and names with a number in them, differ from run to run
 * and are not compared; nor is the space between words. `…` stands for anything.
 */
function findMissingLines(shown: readonly string[], printed: string): string[] {
  const seen = printed.split('\n').map(normalize);
  return shown.filter((line) => {
    const parts = normalize(line).split('…');
    return !seen.some((candidate) => isInOrder(candidate, parts));
  });
}

function isInOrder(candidate: string, parts: readonly string[]): boolean {
  if (parts.length === 1) return candidate === parts[0];
  let at = 0;
  for (const part of parts) {
    const found = candidate.indexOf(part.trim(), at);
    if (found < 0) return false;
    at = found + part.trim().length;
  }
  return true;
}

function normalize(line: string): string {
  return line
    .replaceAll(/\S*\d\S*/g, '#')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
