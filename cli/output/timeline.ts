// How does a claim's history read on a terminal? (pure)
import type { Timeline, TimelineEntry } from '../../console/model/views.ts';
import { formatMs } from './age.ts';
import { toPlainText } from './plain-text.ts';
import type { Style } from './style.ts';

const MARKS: Record<TimelineEntry['outcome'], { sign: string; style: keyof Style }> = {
  done: { sign: '✓', style: 'good' },
  failed: { sign: '✗', style: 'bad' },
  canceled: { sign: '–', style: 'faint' },
  open: { sign: '…', style: 'busy' },
};

/** What takes no time is a point in it. */
const POINT = '●';
const DURATION_WIDTH = 8;
/** `00:00:00.000`, the duration and the sign, with the spaces between them. */
const INDENT = ' '.repeat(12 + 2 + DURATION_WIDTH + 2 + 2);

/** One line a step under the line of its day (UTC); details stand below their step. */
export function formatTimeline(timeline: Timeline, style: Style): string {
  const lines: string[] = [];
  let day = '';
  for (const entry of timeline.entries) {
    const [date = '', time = ''] = entry.at.split('T');
    if (date !== day) lines.push(style.strong(`${date} UTC`));
    day = date;
    lines.push(...formatEntry(entry, time.replace('Z', ''), style));
  }
  return [...lines, ...formatEnd(timeline, style)].join('\n');
}

function formatEntry(entry: TimelineEntry, time: string, style: Style): string[] {
  const { outcome, durationMs, attempt, title, detail } = entry;
  const mark = MARKS[outcome];
  const isPoint = outcome === 'done' && durationMs === undefined;
  const sign = isPoint ? style.faint(POINT) : style[mark.style](mark.sign);
  const duration = durationMs === undefined ? '' : formatMs(durationMs);
  const tries = attempt === undefined ? '' : style.faint(` (attempt ${attempt})`);
  const main = `${style.faint(time.padEnd(12))}  ${duration.padStart(DURATION_WIDTH)}  ${sign} ${toPlainText(title)}${tries}`;
  if (detail === undefined) return [main];
  const below = toPlainText(detail).split('\n');
  return [main, ...below.map((line) => INDENT + style.faint(line))];
}

function formatEnd({ workflowId, url, status }: Timeline, style: Style): string[] {
  const state = status === 'Running' ? 'goes on' : `ended: ${status}`;
  return ['', `Workflow ${workflowId} ${state}.`, ...(url ? [style.faint(url)] : [])];
}
