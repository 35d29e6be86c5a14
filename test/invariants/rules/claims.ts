// Does what claims say hold, and do they say what is?
import { hasVolumeRoot, isReady, listMatching, listStorage, readMountpoint } from '../model.ts';
import { isStorage } from '../mount-table.ts';
import { findCondition, nameOf, type Claim, type Pod } from '../objects.ts';
import type { Rule, Verdict } from '../rule.ts';
import type { Snapshot } from '../snapshot.ts';

const MINUTE_MS = 60_000;
/** Shorter than this is no sentence. */
const SENTENCE_LENGTH = 10;

export const CLAIM_RULES: Rule[] = [
  {
    id: 'I2',
    sentence:
      'Where a claim says Ready and Attached, its storage answers in every container with a volume root.',
    graceMs: MINUTE_MS,
    judge: judgeServing,
  },
  {
    id: 'I12',
    sentence:
      'A claim that is Ready is mounted in every running pod that it matches and that has a volume root.',
    graceMs: MINUTE_MS,
    judge: judgeComplete,
  },
  {
    id: 'I12',
    sentence:
      'The status of a claim is about the claim as it is, and counts the pods that there are.',
    graceMs: MINUTE_MS,
    judge: ({ claims, pods }) =>
      claims
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map((claim) => ({ ...describeClaim(claim, pods), broken: findStale(claim, pods) })),
  },
  {
    id: 'I12',
    sentence: 'A claim that is deleted goes, or says what it waits for.',
    graceMs: MINUTE_MS,
    judge: ({ claims }) =>
      claims
        .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
        .map((claim) => ({
          object: nameOf('claim', claim),
          marks: [claim.metadata.namespace],
          broken: saysWhy(claim) ? undefined : 'It is deleted, stays, and does not say why',
        })),
  },
  {
    id: 'I12',
    sentence: 'Every claim has one running workflow, and every such workflow has a claim.',
    graceMs: MINUTE_MS,
    judge: judgeWorkflows,
  },
  {
    id: 'I15',
    sentence: 'Every condition, pod row and Event has a reason of the closed list, and a sentence.',
    graceMs: 0,
    judge: judgeReasons,
  },
];

/** With all that the claim depends on in its name: any change is something new to converge to. */
function describeClaim(claim: Claim, pods: readonly Pod[]) {
  const matching = listMatching(claim, pods).map(({ metadata, status }) => {
    const containers = (status?.containerStatuses ?? []).map(({ containerID }) => containerID);
    return [metadata.uid, status?.phase, ...containers];
  });
  const state = [claim.metadata.uid, claim.metadata.generation, ...matching.map(String).sort()];
  return {
    object: `${nameOf('claim', claim)} (${hash(state)})`,
    marks: [claim.metadata.namespace],
  };
}

function hash(state: unknown[]): string {
  let value = 0;
  for (const char of JSON.stringify(state)) value = (value * 31 + char.charCodeAt(0)) | 0;
  return (value >>> 0).toString(16);
}

/** Running, injected pods in which the claim says it is attached; failures and conflicts are told otherwise. */
function listAttached(claim: Claim, pods: readonly Pod[]): Pod[] {
  const attached = new Set(
    (claim.status?.pods ?? []).filter(({ state }) => state === 'Attached').map(({ uid }) => uid),
  );
  return listMatching(claim, pods).filter(({ metadata }) => attached.has(metadata.uid));
}

function judgeServing({ claims, pods, containers }: Snapshot): Verdict[] {
  return claims.filter(isReady).flatMap((claim) =>
    listAttached(claim, pods).flatMap((pod) =>
      containers
        .filter(({ podUid }) => podUid === pod.metadata.uid)
        .map((container) => {
          const path = `${container.rootPath}/${readMountpoint(claim)}`;
          const isThere = container.rows.some((row) => row.mountpoint === path && isStorage(row));
          const answer = container.answers[path];
          const why = isThere ? `it answers ${answer}` : 'nothing is mounted there';
          return {
            object: `${nameOf('claim', claim)} in container ${container.name} of ${nameOf('pod', pod)}`,
            node: pod.spec.nodeName,
            marks: [claim.metadata.namespace],
            broken:
              isThere && (answer === undefined || answer === 'ok')
                ? undefined
                : `The claim is Ready, but at ${path} ${why}`,
          };
        }),
    ),
  );
}

function judgeComplete({ claims, pods, nodeViews }: Snapshot): Verdict[] {
  const shown = new Set(
    listStorage(nodeViews).map(({ place }) => `${place.podUid}/${place.mountpoint}`),
  );
  return claims.filter(isReady).map((claim) => {
    const running = listMatching(claim, pods).filter(
      (pod) => pod.status?.phase === 'Running' && hasVolumeRoot(pod),
    );
    const without = running.filter(
      ({ metadata }) => !shown.has(`${metadata.uid}/${readMountpoint(claim)}`),
    );
    const names = without.map(({ metadata }) => metadata.name).join(', ');
    return {
      ...describeClaim(claim, pods),
      broken: without.length > 0 ? `It is Ready, but not mounted in ${names}` : whyVain(running),
    };
  });
}

function whyVain(running: readonly Pod[]): string | undefined {
  return running.length === 0 ? 'It is Ready, but no pod is served' : undefined;
}

function findStale(claim: Claim, pods: readonly Pod[]): string | undefined {
  const { status, metadata } = claim;
  if (status?.observedGeneration !== metadata.generation) {
    return `Its status is about generation ${status?.observedGeneration}, not ${metadata.generation}`;
  }
  const matching = listMatching(claim, pods).length;
  if (status?.matched !== matching) {
    return `Its status counts ${status?.matched} matching pods, there are ${matching}`;
  }
  return findCondition(claim, 'Ready') ? undefined : 'It has no condition Ready';
}

function saysWhy(claim: Claim): boolean {
  const reasons = (claim.status?.conditions ?? []).map(({ reason }) => reason ?? '');
  return reasons.some((reason) => !['', 'Detaching', 'Attached', 'Attaching'].includes(reason));
}

function judgeWorkflows({ claims, workflows }: Snapshot): Verdict[] {
  const wanted = new Map(claims.map((claim) => [claim.metadata.uid, claim]));
  const running = Map.groupBy(workflows, (id) => id.split('/').at(-1) ?? '');
  const ofClaims = [...wanted.values()].map((claim) => {
    const count = running.get(claim.metadata.uid)?.length ?? 0;
    return {
      object: nameOf('claim', claim),
      marks: [claim.metadata.namespace],
      broken: count === 1 ? undefined : `${count} workflows run for it`,
    };
  });
  const strays = workflows
    .filter((id) => !wanted.has(id.split('/').at(-1) ?? ''))
    .map((id) => ({ object: `workflow ${id}`, marks: id.split('/'), broken: 'Its claim is gone' }));
  return [...ofClaims, ...strays];
}

function judgeReasons({ claims, events, reasons }: Snapshot): Verdict[] {
  const say = (reason: string | undefined, message: string | undefined) => {
    if (!reasons.has(reason ?? '')) return `The reason "${reason}" is not of the closed list`;
    const isSentence = (message ?? '').length >= SENTENCE_LENGTH;
    return isSentence ? undefined : `The reason ${reason} has no sentence`;
  };
  const ofClaims = claims.flatMap((claim) => {
    const marks = [claim.metadata.namespace];
    const conditions = (claim.status?.conditions ?? []).map(({ type, reason, message }) => ({
      object: `${nameOf('claim', claim)}, condition ${type}`,
      marks,
      broken: say(reason, message),
    }));
    const rows = (claim.status?.pods ?? [])
      .filter(({ state, reason }) => state === 'Failed' || reason !== undefined)
      .map(({ name, reason }) => ({
        object: `${nameOf('claim', claim)}, pod ${name}`,
        marks,
        // The sentence is in the condition when all pods share the reason.
        broken: reasons.has(reason ?? '')
          ? undefined
          : `The reason "${reason}" is not of the closed list`,
      }));
    return [...conditions, ...rows];
  });
  const ofEvents = events.map((event) => ({
    object: nameOf('event', event),
    marks: [event.involvedObject.namespace],
    broken: say(event.reason, event.message),
  }));
  return [...ofClaims, ...ofEvents];
}
