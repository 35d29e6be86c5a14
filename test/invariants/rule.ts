// What is a rule, and what does it say of one thing?
import type { Snapshot } from './snapshot.ts';

/** What a rule says of one thing that it looked at. */
export interface Verdict {
  /** `Kind namespace/name`, or a path on a node. With another name it is another thing, whose grace begins anew. */
  object: string;
  /** One sentence: what is wrong. Absent when all is well. */
  broken?: string | undefined;
  /** Its agent must be up for the grace to run. */
  node?: string | undefined;
  /** Names that tell whether somebody broke it on purpose. */
  marks: (string | undefined)[];
}

export interface Rule {
  /** The invariant that it is a part of. */
  id: string;
  sentence: string;
  /** How long something may be wrong while everything that could mend it is up. */
  graceMs: number;
  judge: (snapshot: Snapshot) => Verdict[];
}
