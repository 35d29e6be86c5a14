// Which steps follow from a seed? (pure: the same seed, the same plan)
import { Random } from './random.ts';
import type { ClaimPlan, PodPlan, Round, Step, StepOf, Team, World } from './steps.ts';

/** Milliseconds of a round in which something happens, and at least that long nothing does afterwards. */
export const CHURN_MS = 45_000;
export const CALM_MS = 75_000;

/** The soak of `npm test`, the same every time: with this seed everything happens within it. */
export const CI_SOAK = { minutes: 5, seed: 34 };

const TEAMS = ['red', 'blue', 'green'] as const satisfies Team[];
const NODES = ['node1', 'node2'] as const;
const CIRCLES = ['churn', 'steady'] as const;
/** Fewer than there can be claims, so that some want the same. */
const MOUNTPOINTS = ['/one', '/two/deep', '/three', '/four'] as const;
const MAX_PODS = 6;
const MAX_CLAIMS = 6;

interface Option {
  weight: number;
  /** Whether there is something to do it to. */
  isPossible: (world: World) => boolean;
  build: (world: World, random: Random, ordinal: number) => Step;
}

const always = () => true;
const hasPods = ({ pods }: World) => pods.size > 0;
const hasClaims = ({ claims }: World) => claims.size > 0;
const pickPod = ({ pods }: World, random: Random) => random.pick([...pods.keys()]);
const pickClaim = ({ claims }: World, random: Random) => random.pick([...claims.keys()]);

const CREATE_POD: Option = {
  weight: 8,
  isPossible: ({ pods }) => pods.size < MAX_PODS,
  build: (_world, random, ordinal) => ({
    kind: 'createPod',
    pod: `pod-${ordinal}`,
    node: random.pick(NODES),
    team: random.pick(TEAMS),
    dispatchPolicy: random.pick(['independent', 'shared']),
  }),
};

const CREATE_CLAIM: Option = {
  weight: 10,
  isPossible: ({ claims }) => claims.size < MAX_CLAIMS,
  build: (_world, random, ordinal) => ({
    kind: 'createClaim',
    claim: `claim-${ordinal}`,
    mountpoint: random.pick(MOUNTPOINTS),
    ...buildEdit(random),
  }),
};

const OPTIONS: Option[] = [
  CREATE_POD,
  CREATE_CLAIM,
  {
    weight: 6,
    isPossible: hasClaims,
    build: ({ claims }, random) => {
      const { claim, mountpoint } = random.pick([...claims.values()]);
      return { kind: 'editClaim', claim, mountpoint, ...buildEdit(random) };
    },
  },
  {
    weight: 3,
    isPossible: hasPods,
    build: (world, random) => ({
      kind: random.pick(['deletePod', 'deletePod', 'deletePodByForce']),
      pod: pickPod(world, random),
    }),
  },
  {
    weight: 2,
    isPossible: hasPods,
    build: (world, random) => ({
      kind: 'relabelPod',
      pod: pickPod(world, random),
      team: random.pick(TEAMS),
    }),
  },
  {
    weight: 12,
    isPossible: hasClaims,
    build: (world, random) => ({
      kind: random.pick([
        'deleteClaim',
        'detachClaim',
        'attachClaim',
        'remountClaim',
        'remountClaim',
      ]),
      claim: pickClaim(world, random),
    }),
  },
  {
    weight: 10,
    isPossible: hasPods,
    build: (world, random) => ({
      kind: random.pick(['killMountProcess', 'killMountProcess', 'deleteMountPod']),
      pod: pickPod(world, random),
    }),
  },
  {
    weight: 2,
    isPossible: hasPods,
    build: (world, random) => ({
      kind: 'hangMountProcess',
      pod: pickPod(world, random),
      ...(random.next() < 0.5 ? { seconds: random.between(3, 20) } : {}),
    }),
  },
  {
    weight: 4,
    isPossible: always,
    build: (_world, random) => ({
      kind: random.pick(['killAgent', 'deleteAgent']),
      node: random.pick(NODES),
    }),
  },
  { weight: 2, isPossible: always, build: () => ({ kind: 'killController' }) },
  {
    weight: 3,
    isPossible: always,
    build: (_world, random) => ({
      kind: random.pick(['holdS3', 'refuseS3']),
      seconds: random.between(3, 15),
    }),
  },
  {
    weight: 3,
    isPossible: always,
    build: (_world, random) => ({
      kind: random.pick(['changeClass', 'rotateSecret']),
      circle: random.pick(CIRCLES),
    }),
  },
  {
    weight: 4,
    isPossible: always,
    build: (_world, random) => ({ kind: random.pick(['remountSteady', 'toggleSteady']) }),
  },
];

function buildEdit(random: Random): Omit<ClaimPlan, 'claim' | 'mountpoint'> {
  return {
    team: random.pick(TEAMS),
    bucket: random.pick([0, 1]),
    readOnly: random.next() < 0.3,
    gated: random.next() < 0.5,
  };
}

/** So many pods and claims are made first, for there to be something that can break. */
const OPENING = 3;

/** As many rounds as fit into the time, one at least. */
export function buildPlan(seed: number, minutes: number): Round[] {
  const random = new Random(seed);
  const rounds = Math.max(1, Math.floor((minutes * 60_000) / (CHURN_MS + CALM_MS)));
  let world: World = { pods: new Map(), claims: new Map() };
  let ordinal = 0;
  return Array.from({ length: rounds }, () => {
    const steps: Round['steps'] = [];
    for (let atMs = 0; atMs < CHURN_MS; atMs += random.between(300, 2_500)) {
      ordinal += 1;
      const step = chooseOption(world, random, ordinal).build(world, random, ordinal);
      world = follow(world, step);
      steps.push({ atMs, step });
    }
    return { steps, expected: world };
  });
}

function chooseOption(world: World, random: Random, ordinal: number): Option {
  if (ordinal <= OPENING) return CREATE_POD;
  if (ordinal <= 2 * OPENING) return CREATE_CLAIM;
  return random.pickWeighted(OPTIONS.filter(({ isPossible }) => isPossible(world)));
}

type Effect<K extends Step['kind']> = (world: World, step: StepOf<K>) => void;

/** What steps change of what there is. */
const EFFECTS: { [K in Step['kind']]?: Effect<K> } = {
  createPod: ({ pods }, step) => pods.set(step.pod, readPod(step)),
  deletePod: ({ pods }, { pod }) => pods.delete(pod),
  deletePodByForce: ({ pods }, { pod }) => pods.delete(pod),
  relabelPod: ({ pods }, { pod, team }) => change(pods, pod, { team }),
  createClaim: ({ claims }, step) =>
    claims.set(step.claim, { ...readClaim(step), detached: false }),
  editClaim: ({ claims }, step) => change(claims, step.claim, readClaim(step)),
  deleteClaim: ({ claims }, { claim }) => claims.delete(claim),
  detachClaim: ({ claims }, { claim }) => change(claims, claim, { detached: true }),
  attachClaim: ({ claims }, { claim }) => change(claims, claim, { detached: false }),
};

/** Pure: the world after a step. */
export function follow(world: World, step: Step): World {
  const after = { pods: new Map(world.pods), claims: new Map(world.claims) };
  const effect = EFFECTS[step.kind] as ((world: World, step: Step) => void) | undefined;
  effect?.(after, step);
  return after;
}

function change<T extends object>(items: Map<string, T>, name: string, fields: Partial<T>): void {
  const item = items.get(name);
  if (item) items.set(name, { ...item, ...fields });
}

function readPod({ pod, node, team, dispatchPolicy }: PodPlan): PodPlan {
  return { pod, node, team, dispatchPolicy };
}

function readClaim({ claim, team, mountpoint, bucket, readOnly, gated }: ClaimPlan): ClaimPlan {
  return { claim, team, mountpoint, bucket, readOnly, gated };
}

/** What a claim must say when all is well: reasons of Ready, any of which will do. */
export function listExpectedReasons(world: World, name: string): string[] {
  const claim = world.claims.get(name);
  if (!claim) return [];
  if (claim.detached) return ['Detached'];
  const teams = [...world.pods.values()].map(({ team }) => team);
  if (!teams.includes(claim.team)) return ['NoMatchingPods'];
  const rivals = [...world.claims.values()].filter(
    (other) =>
      other.claim !== name && other.team === claim.team && other.mountpoint === claim.mountpoint,
  );
  return rivals.length > 0 ? ['Attached', 'MountpointConflict'] : ['Attached'];
}
