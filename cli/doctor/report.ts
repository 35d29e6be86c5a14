// How are the findings of `doctor` printed? (pure)
import type { Style } from '../output/style.ts';
import { toPlainText } from '../output/plain-text.ts';
import type { Finding } from './checks.ts';
import { count } from './verdict.ts';
import type { Level } from './verdict.ts';

const SIGNS: Readonly<Record<Level, string>> = {
  ok: '✓',
  warning: '!',
  broken: '✗',
  unchecked: '-',
};

const MARKS: Readonly<Record<Level, keyof Style>> = {
  ok: 'good',
  warning: 'busy',
  broken: 'bad',
  unchecked: 'faint',
};

/** One line a check, its fix below it, and the sum. Without a line end. */
export function formatReport(findings: readonly Finding[], style: Style): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap((finding) => formatFinding(finding, width, style));
  return [...lines, '', formatSum(findings, style)].join('\n');
}

function formatFinding(finding: Finding, width: number, style: Style): string[] {
  const { check, level, message, fix } = finding;
  const mark = style[MARKS[level]];
  const name = check.padEnd(width);
  const text = toPlainText(message);
  const line = `${mark(SIGNS[level])} ${name}  ${level === 'ok' ? text : mark(text)}`;
  return fix === undefined
    ? [line]
    : [line, `${' '.repeat(width + 4)}${style.strong('Fix:')} ${toPlainText(fix)}`];
}

function formatSum(findings: readonly Finding[], style: Style): string {
  const number = (level: Level) => findings.filter((finding) => finding.level === level).length;
  const [brokenOnes, warnings, unchecked] = [
    number('broken'),
    number('warning'),
    number('unchecked'),
  ];
  const parts = [
    count(findings.length - unchecked, 'check'),
    brokenOnes === 0 ? style.good('nothing is broken') : style.bad(`${brokenOnes} broken`),
    ...(warnings === 0 ? [] : [style.busy(count(warnings, 'warning'))]),
    ...(unchecked === 0 ? [] : [style.faint(`${unchecked} not checked`)]),
  ];
  return parts.join(', ');
}
