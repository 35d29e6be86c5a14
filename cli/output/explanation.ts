// How does the explanation of a claim read? (pure)
import type { ClaimPod } from '../../api/dynamic-volume-claim.ts';
import type { ClaimDetail } from '../../console/model/views.ts';
import { PHASE_STYLES } from '../claim-rows.ts';
import type { NextStep } from '../next-step.ts';
import { formatAge } from './age.ts';
import { toPlainText } from './plain-text.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';
import { POD_STYLES } from './tree.ts';

export interface ExplanationInput {
  detail: ClaimDetail;
  /** Undefined before the first look at the claim. */
  step: NextStep | undefined;
  style: Style;
  now: Date;
}

const LABEL_WIDTH = 12;

/** What it is, how its pods are, and last the reason with the one command to run. */
export function formatExplanation(input: ExplanationInput): string {
  return [...formatHead(input), ...formatPods(input), '', ...formatEnd(input)].join('\n');
}

function formatHead({ detail, style, now }: ExplanationInput): string[] {
  const { phase, readOnly, workflow } = detail;
  const ready = findReady(detail);
  const since = ready ? ` since ${formatAge(ready.lastTransitionTime, now)}` : '';
  const stalled = detail.conditions.find(({ type }) => type === 'Stalled');
  return [
    field('Claim', style.strong(`${detail.namespace}/${detail.name}`)),
    field('Storage', toPlainText(`${detail.storage} at ${detail.endpoint}`)),
    field('Mountpoint', `${detail.mountpoint}${readOnly ? ', read-only' : ''}`),
    field('Class', detail.className || 'not known yet'),
    field('Pods', countPods(detail)),
    field('Status', `${style[PHASE_STYLES[phase]](phase)}${since}`),
    // Ready may still be true: what was attached before goes on serving.
    ...(stalled && stalled.reason !== detail.reason
      ? [field('Stalled', toPlainText(`${stalled.reason}. ${stalled.message}`))]
      : []),
    ...(workflow ? [field('Workflow', workflow.url ?? workflow.id)] : []),
    ...describePlan(detail).map((line) => field('Plan', toPlainText(line))),
  ];
}

function field(label: string, text: string): string {
  return `${label.padEnd(LABEL_WIDTH)}${text}`;
}

function findReady({ conditions }: ClaimDetail) {
  return conditions.find(({ type }) => type === 'Ready');
}

function countPods({ attached, matched, failed, notInjected }: ClaimDetail): string {
  const others = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(notInjected > 0 ? [`${notInjected} without a volume root`] : []),
  ];
  return [`${attached} of ${matched} have the storage`, ...others].join(', ');
}

const NEXT = 'Next: ';

/** Of the workflow's sentences the one about what it does next; the others say what stands here already. */
function describePlan({ explanation = '' }: ClaimDetail): string[] {
  const lines = explanation.split('\n').filter((line) => line.startsWith(NEXT));
  return lines.map((line) => line.slice(NEXT.length));
}

function formatPods({ detail, style }: ExplanationInput): string[] {
  if (detail.pods.length === 0) return [];
  const table = formatTable<ClaimPod>(
    [
      { title: 'POD', text: ({ name }) => name },
      { title: 'NODE', text: ({ node = '' }) => node },
      {
        title: 'STATE',
        text: ({ state }) => state,
        mark: ({ state }) => style[POD_STYLES[state]],
      },
      { title: 'MOUNT POD', text: ({ name }) => nameMountPods(detail, name) },
      { title: 'REASON', text: (pod) => describePod(detail, pod) },
    ],
    detail.pods,
  );
  const more = detail.morePods > 0 ? [`and ${detail.morePods} more pods`] : [];
  return ['', table, ...more];
}

/** What all of the claim's pods have is told once, at the end. */
function describePod(detail: ClaimDetail, { reason = '', message }: ClaimPod): string {
  return reason === detail.reason || message === undefined ? reason : `${reason}. ${message}`;
}

function nameMountPods({ mountPods }: ClaimDetail, pod: string): string {
  const own = mountPods.filter(({ pods }) => pods.includes(pod));
  return own
    .map(({ name, state }) => (state === 'Running' ? name : `${name} (${state})`))
    .join(', ');
}

function endSentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function formatEnd({ detail, step, style }: ExplanationInput): string[] {
  const { reason, message, phase } = detail;
  if (step === undefined) {
    const why =
      reason === '' ? 'The controller has not looked at it yet.' : `${reason}. ${message}`;
    return [
      field('Reason', toPlainText(why)),
      field('Next', style.strong('kubectl dynvol doctor')),
    ];
  }
  const mark = style[PHASE_STYLES[phase]];
  return [
    field('Reason', `${mark(reason)}. ${endSentence(toPlainText(message))}`),
    field('Cause', toPlainText(step.cause)),
    field('Next', step.next),
    field('', style.strong(step.command)),
  ];
}
