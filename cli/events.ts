// Which Events tell of a claim, and how often and when were they last seen? (pure)

/** An Event of `events.k8s.io/v1`; the `deprecated` fields are what older components write. */
export interface EventObject {
  metadata: {
    namespace: string;
    name: string;
    uid: string;
    resourceVersion: string;
    creationTimestamp?: string;
  };
  eventTime?: string | null;
  series?: { count: number; lastObservedTime: string };
  deprecatedCount?: number;
  deprecatedLastTimestamp?: string | null;
  type?: string;
  reason?: string;
  note?: string;
  regarding?: { kind?: string; namespace?: string; name?: string };
}

/** RFC 3339. */
export function readLastSeen(event: EventObject): string | undefined {
  return (
    event.series?.lastObservedTime ??
    event.deprecatedLastTimestamp ??
    event.eventTime ??
    event.metadata.creationTimestamp
  );
}

export function readCount(event: EventObject): number {
  return event.series?.count ?? event.deprecatedCount ?? 1;
}

/** Names of the objects of one namespace whose Events are wanted. */
export interface EventSubjects {
  claims: ReadonlySet<string>;
  pods: ReadonlySet<string>;
}

/** Is the Event about one of these? Every claim is meant when there are no subjects. */
export function tellsOf({ regarding }: EventObject, subjects: EventSubjects | undefined): boolean {
  const { kind, name = '' } = regarding ?? {};
  if (kind === 'DynamicVolumeClaim') return subjects === undefined || subjects.claims.has(name);
  return kind === 'Pod' && subjects !== undefined && subjects.pods.has(name);
}

/** The latest last, as it is read on a terminal. */
export function sortByLastSeen(events: EventObject[]): EventObject[] {
  const at = (event: EventObject): number => Date.parse(readLastSeen(event) ?? '') || 0;
  return [...events].sort((a, b) => at(a) - at(b));
}
