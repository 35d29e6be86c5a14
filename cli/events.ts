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

/** The objects whose Events are wanted, as {@link buildSubject} names them. */
export interface EventSubjects {
  claims: ReadonlySet<string>;
  pods: ReadonlySet<string>;
}

export function buildSubject(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Is the Event about one of these? Every claim is meant when there are no subjects. */
export function tellsOf(
  { metadata, regarding }: EventObject,
  subjects: EventSubjects | undefined,
): boolean {
  const { kind, namespace = metadata.namespace, name = '' } = regarding ?? {};
  const subject = buildSubject(namespace, name);
  if (kind === 'DynamicVolumeClaim') return subjects === undefined || subjects.claims.has(subject);
  return kind === 'Pod' && subjects !== undefined && subjects.pods.has(subject);
}

/** Who has left, or lost its label, is meant as before: its last Events come after that. */
export function joinSubjects(known: EventSubjects, found: EventSubjects): EventSubjects {
  return {
    claims: new Set([...known.claims, ...found.claims]),
    pods: new Set([...known.pods, ...found.pods]),
  };
}

/** The latest last, as it is read on a terminal. */
export function sortByLastSeen(events: EventObject[]): EventObject[] {
  const at = (event: EventObject): number => Date.parse(readLastSeen(event) ?? '') || 0;
  return [...events].sort((a, b) => at(a) - at(b));
}
