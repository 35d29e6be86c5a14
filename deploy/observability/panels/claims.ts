// How do the claims fare? (panels of the dashboard)
import { type Row } from '../panel.ts';

export const claims: Row = {
  title: 'Claims',
  panels: [
    {
      title: 'Claims that are ready',
      description:
        'Condition Ready is True: every injected, running pod that matches has its storage.',
      kind: 'stat',
      unit: 'short',
      queries: [
        { expression: 'sum(max by (ready, reason) (dynvol_claims{ready="True"}))', legend: '' },
      ],
    },
    {
      title: 'Claims that are not',
      description: 'All of them; the picture beside tells the reasons.',
      kind: 'stat',
      unit: 'short',
      thresholds: [1, 10],
      queries: [
        {
          expression: 'sum(max by (ready, reason) (dynvol_claims{ready!="True"})) or vector(0)',
          legend: '',
        },
      ],
    },
    {
      title: 'Mounts that do not serve',
      description: 'Dead, hung, or with a storage that fails.',
      kind: 'stat',
      unit: 'short',
      thresholds: [1, 5],
      queries: [{ expression: 'sum(dynvol_mounts{state!="serving"})', legend: '' }],
    },
    {
      title: 'Mounts that cannot be taken away',
      description: 'In use, or with writes that are not uploaded.',
      kind: 'stat',
      unit: 'short',
      thresholds: [1, 5],
      queries: [{ expression: 'sum(dynvol_unmount_stuck)', legend: '' }],
    },
    {
      title: 'Claims that are not ready, by reason',
      description: 'docs/reference/reasons.md says what each reason means, and what to do.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        { expression: 'max by (reason) (dynvol_claims{ready!="True"})', legend: '{{reason}}' },
      ],
    },
    {
      title: 'Longest wait',
      description:
        'For how long the claim has not been ready, or has been under deletion, that has waited longest.',
      kind: 'timeseries',
      unit: 's',
      queries: [
        {
          expression: 'max by (reason) (dynvol_claim_not_ready_max_age_seconds)',
          legend: 'not ready: {{reason}}',
        },
        { expression: 'max(dynvol_claim_deletion_max_age_seconds)', legend: 'under deletion' },
      ],
    },
  ],
};
