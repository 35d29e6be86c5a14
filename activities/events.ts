// What does `kubectl describe` tell of a claim and of its pods?
import { createHash } from 'node:crypto';
import { API_VERSION, GROUP, POD_ANNOTATIONS } from '../api/names.ts';
import { isConflict } from '../watch/kubernetes-error.ts';
import type { ClaimEvent, ClaimIdentity, FailedPod } from './contract.ts';
import type { Attempt, Dependencies } from './dependencies.ts';

/** The object that an Event is about. */
export interface Regarding {
  apiVersion: string;
  kind: string;
  /** Absent for what is in no namespace. */
  namespace?: string;
  name: string;
  uid: string;
}

/** An Event of `events.k8s.io/v1`. */
export interface EventObject {
  apiVersion: 'events.k8s.io/v1';
  kind: 'Event';
  metadata: { namespace: string; name: string };
  /** `MicroTime`: RFC 3339 with six digits of a second. */
  eventTime: string;
  type: 'Normal' | 'Warning';
  reason: string;
  note: string;
  action: string;
  reportingController: string;
  reportingInstance: string;
  regarding: Regarding;
}

/** The API server refuses longer notes. */
const MAX_NOTE_LENGTH = 1_024;
/** Where Kubernetes keeps the Events of what is in no namespace. */
const CLUSTER_EVENTS_NAMESPACE = 'default';
const REPORTER = `${GROUP}/controller`;

/** Repeated Events, by name: how often each was seen in this process. */
export type EventCounts = Map<string, number>;

/** Counts beyond this many Events are forgotten: a repetition then starts to count anew. */
const MAX_COUNTS = 1_000;

/**
 * Builds an Event whose name follows from what it says, so that a repetition counts up instead of
 * making another one.
 *
 * @param topic what a repetition has in common when its message differs, as figures do
 */
export function buildEvent(
  regarding: Regarding,
  event: ClaimEvent,
  now: Date,
  topic = event.message.slice(0, MAX_NOTE_LENGTH),
): EventObject {
  const note = event.message.slice(0, MAX_NOTE_LENGTH);
  const hash = createHash('sha256').update([regarding.uid, event.reason, topic].join('\0'));
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      namespace: regarding.namespace ?? CLUSTER_EVENTS_NAMESPACE,
      name: `${regarding.name.slice(0, 200)}.${hash.digest('hex').slice(0, 16)}`,
    },
    eventTime: buildMicroTime(now),
    type: event.type,
    reason: event.reason,
    note,
    action: 'Reconcile',
    reportingController: REPORTER,
    reportingInstance: REPORTER,
    regarding,
  };
}

/** What an Event on a claim regards. */
export function refersToClaim({ namespace, name, uid }: ClaimIdentity): Regarding {
  return {
    apiVersion: `${GROUP}/${API_VERSION}`,
    kind: 'DynamicVolumeClaim',
    namespace,
    name,
    uid,
  };
}

/** Records that a pod which a claim selects cannot be served, and how to mend it. */
export function buildNotInjectedEvent(
  claim: ClaimIdentity,
  pod: { uid: string; name: string },
  now: Date,
): EventObject {
  return buildEvent(
    refersToPod(claim, pod),
    {
      type: 'Warning',
      reason: 'NotInjected',
      message: `DynamicVolumeClaim ${claim.name} selects this pod, which has no volume root: give its template the annotations ${POD_ANNOTATIONS.className} and ${POD_ANNOTATIONS.rootPath}, and start it anew`,
    },
    now,
  );
}

/** Records for whoever describes the pod alone why storage does not come into it. */
export function buildAttachFailedEvent(
  claim: ClaimIdentity,
  pod: FailedPod,
  now: Date,
): EventObject {
  return buildEvent(
    refersToPod(claim, pod),
    {
      type: 'Warning',
      reason: 'AttachFailed',
      message: `DynamicVolumeClaim ${claim.name}: ${pod.reason}: ${pod.message}`,
    },
    now,
  );
}

function refersToPod(
  { namespace }: ClaimIdentity,
  { name, uid }: { name: string; uid: string },
): Regarding {
  return { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
}

/** Does one controller tell of it, or do all of them at the same time? */
type Tellers = 'one' | 'all';

/** Records Events; what fails is only noted, because nothing depends on an Event. */
export async function recordEvents(
  { kubernetes, eventCounts }: Pick<Dependencies, 'kubernetes' | 'eventCounts'>,
  events: EventObject[],
  warn: Attempt['warn'],
  tellers: Tellers = 'one',
): Promise<void> {
  await Promise.all(
    events.map(async (event) => {
      try {
        await recordEvent(kubernetes, eventCounts, event, tellers);
      } catch (error) {
        warn('Could not record an Event', { event: event.metadata.name, err: error });
      }
    }),
  );
}

async function recordEvent(
  kubernetes: Dependencies['kubernetes'],
  counts: EventCounts,
  event: EventObject,
  tellers: Tellers,
): Promise<void> {
  const { namespace, name } = event.metadata;
  const count = (counts.get(name) ?? 0) + 1;
  if (counts.size >= MAX_COUNTS) counts.clear();
  counts.set(name, count);
  try {
    await kubernetes.createEvent(event);
  } catch (error) {
    if (!isConflict(error)) throw error;
    // Another controller was quicker to tell the same.
    if (tellers === 'all' && count === 1) return;
    const series = { count: Math.max(count, 2), lastObservedTime: event.eventTime };
    await kubernetes.patchEvent({ namespace, name }, { series });
  }
}

function buildMicroTime(now: Date): string {
  return now.toISOString().replace('Z', '000Z');
}
