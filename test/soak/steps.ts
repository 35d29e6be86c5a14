// What can happen in a soak?

export type Team = 'red' | 'blue' | 'green';
export type NodeName = 'node1' | 'node2';
/** Whose class and Secret: those that are also made to suffer, or those of the readers that must not notice. */
export type Circle = 'churn' | 'steady';

export interface PodPlan {
  pod: string;
  node: NodeName;
  team: Team;
  dispatchPolicy: 'independent' | 'shared';
}

export interface ClaimPlan {
  claim: string;
  team: Team;
  mountpoint: string;
  bucket: 0 | 1;
  readOnly: boolean;
  /** Its server can be taken away. */
  gated: boolean;
}

/** One thing that is done. Pods and claims are named as the plan names them. */
export type Step =
  | ({ kind: 'createPod' } & PodPlan)
  | { kind: 'deletePod' | 'deletePodByForce'; pod: string }
  | { kind: 'relabelPod'; pod: string; team: Team }
  | ({ kind: 'createClaim' | 'editClaim' } & ClaimPlan)
  | { kind: 'deleteClaim' | 'detachClaim' | 'attachClaim' | 'remountClaim'; claim: string }
  | { kind: 'remountSteady' | 'toggleSteady' }
  | { kind: 'killMountProcess' | 'deleteMountPod'; pod: string }
  /** Without seconds until somebody ends it. */
  | { kind: 'hangMountProcess'; pod: string; seconds?: number }
  | { kind: 'killAgent' | 'deleteAgent'; node: NodeName }
  | { kind: 'killController' }
  | { kind: 'holdS3' | 'refuseS3'; seconds: number }
  | { kind: 'changeClass' | 'rotateSecret'; circle: Circle };

/** The step of one kind. */
export type StepOf<K extends Step['kind']> = Step & { kind: K };

/** A stretch of steps, each so many milliseconds after its beginning; then nothing is touched until all is well. */
export interface Round {
  steps: { atMs: number; step: Step }[];
  /** What there is at its end. */
  expected: World;
}

/** What the plan knows to exist. */
export interface World {
  pods: Map<string, PodPlan>;
  claims: Map<string, ClaimPlan & { detached: boolean }>;
}
