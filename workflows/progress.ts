// What does Temporal's UI show of a claim? (pure; served by a query, costs no history)
import type { ClaimStatusDraft } from '../activities/contract.ts';
import { readReady } from './status.ts';

/** Markdown of the workflow's current details: one line of state, one table of pods. */
export function buildCurrentDetails(status: ClaimStatusDraft): string {
  const ready = readReady(status);
  const headline = `**${ready?.reason ?? 'Unknown'}** ${ready?.message ?? ''}`;
  if (status.pods.length === 0) return headline;
  const rows = status.pods.map((pod) =>
    [pod.node ?? '', pod.name, pod.state, pod.reason ?? ''].map(escapeCell).join(' | '),
  );
  return [
    headline,
    '',
    `${status.attachedOfMatched} pods attached, generation ${status.observedGeneration}`,
    '',
    '| Node | Pod | State | Reason |',
    '|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
