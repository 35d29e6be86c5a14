// Do claims, classes and mount pods do what they are there for? (pure)
import type { DynamicVolumeClaim } from '../../../api/dynamic-volume-claim.ts';
import { VolumeError } from '../../../api/errors.ts';
import { MOUNT_NAMESPACE } from '../../../api/names.ts';
import { EXPLANATIONS } from '../../../api/reasons.ts';
import { parseClassParameters } from '../../../api/storage-provider-class.ts';
import type { StorageProviderClass } from '../../../api/storage-provider-class.ts';
import type { Facts, MountPod } from '../facts.ts';
import { broken, judgeSeen, listNames, ok, warn } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

/** A mount pod that pulls its image for the first time may take as long. */
const START_MS = 60_000;

export function judgeMountPods({ mountPods, now }: Facts): Verdict {
  return judgeSeen(mountPods, (all) => {
    const idle = all.flatMap((pod) => {
      const problem = findProblem(pod, now);
      return problem === undefined ? [] : [`${pod.view.name}: ${problem}`];
    });
    if (idle.length === 0) return ok(`${all.length} of ${all.length} run`);
    return broken(
      `${idle.length} of ${all.length} ${idle.length === 1 ? 'does' : 'do'} not run: ${listNames(idle)}`,
      `kubectl get pods -n ${MOUNT_NAMESPACE}, and \`kubectl describe\` of the first one`,
    );
  });
}

function findProblem({ view, createdAt }: MountPod, now: Date): string | undefined {
  if (view.terminating) return undefined;
  if (view.startProblem !== undefined) return view.startProblem.reason;
  if (view.phase === 'Running' && view.ready) return undefined;
  const ageMs = now.getTime() - createdAt.getTime();
  return ageMs < START_MS ? undefined : `${view.phase}, not ready`;
}

/** Reasons of a claim that is not ready and of which nothing is wrong. */
const WAITING: readonly string[] = [
  'NoMatchingPods',
  'Detached',
  'PodStarting',
  'Attaching',
  'Detaching',
];

export function judgeClaims({ claims }: Facts): Verdict {
  return judgeSeen(claims, (all) => {
    const reasons = all.flatMap((claim) => readFailure(claim) ?? []);
    const ready = all.filter((claim) => readReady(claim)?.status === 'True').length;
    const told = `${ready} of ${all.length} ready`;
    if (reasons.length === 0) return ok(told);
    return broken(
      `${told}; ${listNames(rank(reasons).map(([reason, times]) => `${times} ${reason}`))}`,
      'kubectl dynvol get -A, then `kubectl dynvol explain` of the claim',
    );
  });
}

/** Reason of a claim that fails; one that nobody has looked at has none. */
function readFailure(claim: DynamicVolumeClaim): string | undefined {
  const ready = readReady(claim);
  if (ready === undefined || ready.status === 'True') return undefined;
  return WAITING.includes(ready.reason) ? undefined : ready.reason;
}

function readReady({ status }: DynamicVolumeClaim) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

/** The most frequent first. */
function rank(reasons: readonly string[]): [reason: string, times: number][] {
  const times = new Map<string, number>();
  for (const reason of reasons) times.set(reason, (times.get(reason) ?? 0) + 1);
  return [...times].sort((a, b) => b[1] - a[1]);
}

/** A claim without a status has no workflow: no controller has seen it. */
export function judgeUnseenClaims({ claims, now }: Facts): Verdict {
  return judgeSeen(claims, (all) => {
    const unseen = all.filter(
      ({ metadata, status }) =>
        status?.conditions === undefined &&
        now.getTime() - Date.parse(metadata.creationTimestamp) > START_MS,
    );
    if (unseen.length === 0) return ok('every claim is looked after');
    const names = unseen.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    return broken(`nobody looks after ${listNames(names)}`, 'See controller and Temporal above');
  });
}

export function judgePropagation({ claims }: Facts): Verdict {
  return judgeSeen(claims, (all) => {
    const pods = all.flatMap(({ metadata, status }) =>
      (status?.pods ?? [])
        .filter(({ reason }) => reason === 'PropagationMissing')
        .map(({ name }) => `${metadata.namespace}/${name}`),
    );
    if (pods.length === 0) return ok('no pod is known in which storage does not appear');
    return broken(
      `storage never appears in ${listNames([...new Set(pods)])}`,
      EXPLANATIONS.PropagationMissing.next,
    );
  });
}

export function judgeClasses({ classes, secrets }: Facts): Verdict {
  return judgeSeen(classes, (all) => {
    if (all.length === 0) {
      return warn(
        'there is no StorageProviderClass, so no claim can be served',
        'Create one: kubectl explain spclass.spec',
      );
    }
    const faults = all.flatMap((cls) => findFault(cls) ?? []);
    if (faults.length > 0) return broken(faults.join('; '), EXPLANATIONS.ClassInvalid.next);
    const missing = secrets.filter(({ exists }) => 'value' in exists && !exists.value);
    if (missing.length > 0) {
      const names = missing.map(
        (each) => `${each.namespace}/${each.name} of class ${each.className}`,
      );
      return broken(`Secret missing: ${listNames(names)}`, EXPLANATIONS.SecretMissing.next);
    }
    const unseen = secrets.find(({ exists }) => !('value' in exists));
    if (unseen === undefined) return ok(`${all.length} of ${all.length} have their Secret`);
    return judgeSeen(unseen.exists, () => ok(''));
  });
}

function findFault(cls: StorageProviderClass): string | undefined {
  try {
    parseClassParameters(cls);
    return undefined;
  } catch (error) {
    return VolumeError.from(error).message;
  }
}
