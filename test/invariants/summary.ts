// What does the checker say at its end?

/** Last line of a report. */
export interface Summary {
  snapshots: number;
  /** Looks that failed: something was down. */
  missed: number;
  broken: number;
  seeded: number;
  /** Sources in pods that were seen: a run that saw none proves nothing. */
  mounts: number;
  /** Things looked at, by invariant. */
  looked: Record<string, number>;
  /** Whether leaks were looked for, and why not. */
  leaks: string;
}
