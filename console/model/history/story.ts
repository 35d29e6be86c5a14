// What is known while the events of a history are walked through?
import type { TimelineEntry } from '../views.ts';
import { readNumber } from './events.ts';
import type { HistoryEvent } from './events.ts';
import type { Told } from './message-words.ts';

export interface Story {
  entries: TimelineEntry[];
  /** What goes on, by the id of the event that began it. */
  begun: Map<number, Begun>;
  told: Told;
  /** What the search attributes say; it is what the status says. */
  phase: string;
  attached: number;
  matched: number;
  /** Key of the source that each pod was attached to last, by the pod's UID. */
  served: Map<string, string>;
}

/** Something that a later event ends. */
export interface Begun {
  entry: TimelineEntry;
  /** Type of an activity; "" of anything else. */
  type: string;
  /** What an activity was given. */
  input?: unknown;
}

/** Takes one event into the story. */
export type Reader = (event: HistoryEvent, story: Story) => void;

export function buildEmptyStory(): Story {
  return {
    entries: [],
    begun: new Map(),
    told: { generation: 0, deleting: false },
    phase: '',
    attached: 0,
    matched: 0,
    served: new Map(),
  };
}

/** Adds a step. @param atMs milliseconds since 1970; the event's time when absent */
export function addEntry(
  event: HistoryEvent,
  story: Story,
  entry: Omit<TimelineEntry, 'eventId' | 'at'>,
  atMs = event.atMs,
): TimelineEntry {
  const added = { eventId: event.id, at: new Date(atMs).toISOString(), ...entry };
  story.entries.push(added);
  return added;
}

/** Ends a step that takes time. @param by the attribute that names the event that began it */
export function endEntry(
  event: HistoryEvent,
  story: Story,
  by: 'scheduledEventId' | 'startedEventId',
): Begun | undefined {
  const begun = story.begun.get(readNumber(event.attributes[by]));
  if (begun) begun.entry.durationMs = Math.max(0, event.atMs - Date.parse(begun.entry.at));
  return begun;
}
