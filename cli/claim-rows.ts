// Which columns does the list of claims have? (pure)
import type { ClaimPhase, ClaimSummary } from '../console/model/views.ts';
import { formatAge } from './output/age.ts';
import type { Style } from './output/style.ts';
import type { Column } from './output/table.ts';

/** A claim, or the last that was known of one that is gone. */
export interface ClaimRow extends ClaimSummary {
  gone: boolean;
}

/** Which colour a state has. */
export const PHASE_STYLES: Record<ClaimPhase, keyof Style> = {
  Ready: 'good',
  Reconciling: 'busy',
  Waiting: 'busy',
  Failed: 'bad',
  Deleting: 'busy',
};

export interface ClaimColumnsInput {
  withNamespace: boolean;
  isWide: boolean;
  style: Style;
  now(): Date;
}

/** As kubectl orders them: which, how, where from and where to, since when. */
export function buildClaimColumns(input: ClaimColumnsInput): Column<ClaimRow>[] {
  const { withNamespace, isWide, style, now } = input;
  return [
    ...(withNamespace ? [{ title: 'NAMESPACE', text: (row: ClaimRow) => row.namespace }] : []),
    { title: 'NAME', text: ({ name }) => name },
    {
      title: 'STATUS',
      text: ({ phase, gone }) => (gone ? 'Gone' : phase),
      mark: ({ phase, gone }) => style[gone ? 'faint' : PHASE_STYLES[phase]],
    },
    { title: 'PODS', text: ({ attached, matched }) => `${attached}/${matched}` },
    { title: 'REASON', text: ({ reason }) => reason },
    { title: 'STORAGE', text: ({ storage }) => storage },
    { title: 'MOUNTPOINT', text: formatMountpoint },
    { title: 'AGE', text: ({ createdAt }) => formatAge(createdAt, now()) },
    ...(isWide ? WIDE_COLUMNS : []),
  ];
}

const WIDE_COLUMNS: Column<ClaimRow>[] = [
  { title: 'CLASS', text: ({ className }) => className },
  { title: 'ENDPOINT', text: ({ endpoint }) => endpoint },
  { title: 'FAILED', text: ({ failed }) => String(failed) },
  { title: 'NOT INJECTED', text: ({ notInjected }) => String(notInjected) },
  { title: 'WORKFLOW', text: ({ workflow }) => workflow?.id ?? '' },
];

function formatMountpoint({ mountpoint, readOnly }: ClaimRow): string {
  return readOnly ? `${mountpoint} (read-only)` : mountpoint;
}
