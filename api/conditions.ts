// Which conditions and reasons can a claim show?
import { z } from 'zod';
import { ERRORS } from './errors.ts';

/** kstatus' set: `Reconciling` and `Stalled` are present only while true. */
export const CONDITION_TYPES = ['Ready', 'Reconciling', 'Stalled'] as const;

/** Reasons that are not failures; those are in the error table. */
export const REASONS = {
  attached: 'Attached',
  noMatchingPods: 'NoMatchingPods',
  notInjected: 'NotInjected',
  attaching: 'Attaching',
  detaching: 'Detaching',
  podStarting: 'PodStarting',
  detached: 'Detached',
} as const;

/** The closed list of reasons. */
export const ALL_REASONS: readonly string[] = [
  ...new Set([...Object.values(REASONS), ...Object.values(ERRORS).map((row) => row.reason)]),
];

/** Reasons not to be ready that are as somebody wanted, or are for the owner of the pods to mend. */
export const EXCUSED_REASONS: readonly string[] = [
  REASONS.detached,
  REASONS.noMatchingPods,
  REASONS.notInjected,
  REASONS.podStarting,
];

/** `metav1.Condition`. */
export const Condition = z.object({
  type: z.enum(CONDITION_TYPES).describe('Type of the condition.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
  observedGeneration: z.number().int().optional().describe('Generation that it is about.'),
  lastTransitionTime: z.iso.datetime().describe('When the status last changed.'),
  reason: z.string().min(1).max(64).describe('One word, from a closed list.'),
  message: z.string().max(4096).describe('What is, where, and what to do next.'),
});
export type Condition = z.infer<typeof Condition>;
