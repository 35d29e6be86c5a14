// What does Temporal's UI show of a claim? (pure; served by a query, costs no history)
import type { ClaimPod } from '../api/dynamic-volume-claim.ts';
import type { ClaimIdentity, ClaimStatusDraft, ObservedClaim } from '../activities/contract.ts';
import type { Steering } from './commands.ts';
import { readReady } from './status.ts';
import { formatTime } from './text.ts';

/** What a claim's workflow does next. */
export type NextStep =
  | { kind: 'look' | 'work' | 'cleanUp' | 'idle' }
  /** `atMs`: milliseconds since 1970. `forces`: something in use is then taken away by force. */
  | { kind: 'retry'; atMs: number; forces: boolean };

export interface ProgressInput {
  claim: ClaimIdentity;
  /** What is attached where, in words; absent until the first look. */
  what?: string;
  /** Absent until the first look. */
  status: ClaimStatusDraft | undefined;
  next: NextStep;
  steering: Steering;
}

/** Markdown of the workflow's current details: what is, what comes next, one table of pods, what fails. */
export function buildCurrentDetails({ what, status, next, steering }: ProgressInput): string {
  const ready = readReady(status);
  const ignored = describeIgnored(steering);
  return [
    ...(what ? [what] : []),
    `**${ready?.reason ?? 'Starting'}** ${ready?.message ?? ''}`.trim(),
    `Next: ${describeNext(next)}`,
    ...(status && status.pods.length > 0 ? [describeCounts(status), buildTable(status.pods)] : []),
    ...(status?.pods ?? []).flatMap(({ name, message }) =>
      message ? [`- ${name}: ${message}`] : [],
    ),
    ...(ignored ? [ignored] : []),
  ].join('\n\n');
}

/** What a claim attaches where. The UI forgets the summary of the workflow's start with continue-as-new. */
export function describePlace({ s3, mountpoint, readOnly }: ObservedClaim): string {
  const folder = s3.prefix ? `${s3.bucket}/${s3.prefix}` : s3.bucket;
  return `s3 ${folder} at ${s3.endpoint} -> /${mountpoint}${readOnly ? ', read-only' : ''}`;
}

/** What comes next, in words. */
export function describeNext(next: NextStep): string {
  switch (next.kind) {
    case 'look':
      return 'look at the claim and its pods';
    case 'work':
      return 'wait for the nodes that are at work';
    case 'cleanUp':
      return 'take everything away, then let the claim go';
    case 'idle':
      return 'nothing, until the claim or its pods change';
    case 'retry':
      return next.forces
        ? `take away by force what is in use, at ${formatTime(next.atMs)}`
        : `try again at ${formatTime(next.atMs)}, or as soon as something changes`;
  }
}

/** Tells of signals that were of no use. */
export function describeIgnored({ ignored }: Steering): string | undefined {
  if (!ignored) return undefined;
  const count = ignored.count === 1 ? '1 signal was' : `${ignored.count} signals were`;
  return `${count} ignored, the last one was ${ignored.command}: ${ignored.why}`;
}

function describeCounts(status: ClaimStatusDraft): string {
  return `${status.attachedOfMatched} pods attached, generation ${status.observedGeneration}`;
}

function buildTable(pods: ClaimPod[]): string {
  const rows = pods.map((pod) =>
    [pod.node ?? '', pod.name, pod.state, pod.reason ?? ''].map(escapeCell).join(' | '),
  );
  return [
    '| Node | Pod | State | Reason |',
    '|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
