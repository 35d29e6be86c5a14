// What has happened to a claim, step by step, as its workflow's history tells it? (pure)
import { ACTIVITY_READERS } from './history/activity-readers.ts';
import { readEvents } from './history/events.ts';
import type { WorkflowHistory } from './history/events.ts';
import { findRunStatus, LIFE_READERS } from './history/life-readers.ts';
import { MESSAGE_READERS } from './history/message-readers.ts';
import { LOOK_AGAIN } from './history/message-words.ts';
import { buildEmptyStory } from './history/story.ts';
import type { Reader } from './history/story.ts';
import type { TimelineEntry } from './views.ts';

export type { WorkflowHistory } from './history/events.ts';

/** What is in none of them is Temporal's own book-keeping. */
const READERS: Record<string, Reader> = {
  ...LIFE_READERS,
  ...MESSAGE_READERS,
  ...ACTIVITY_READERS,
};

/** Builds the steps of one run, oldest first. What goes on when the history ends is `open`. */
export function buildTimeline(history: WorkflowHistory): TimelineEntry[] {
  const story = buildEmptyStory();
  for (const event of readEvents(history)) READERS[event.type]?.(event, story);
  return joinRepeated(story.entries);
}

/** What has become of the run: `Running`, or how it ended, as Temporal calls it. */
export function readRunStatus(history: WorkflowHistory): string {
  return findRunStatus(readEvents(history).at(-1));
}

/** Each change of a pod is a signal of its own; several in a row tell no more than one. */
function joinRepeated(entries: TimelineEntry[]): TimelineEntry[] {
  const joined: { entry: TimelineEntry; count: number }[] = [];
  for (const entry of entries) {
    const last = joined.at(-1);
    if (entry.title === LOOK_AGAIN && last?.entry.title === LOOK_AGAIN) last.count += 1;
    else joined.push({ entry, count: 1 });
  }
  return joined.map(({ entry, count }) =>
    count === 1 ? entry : { ...entry, title: `${entry.title}, ${count} times` },
  );
}
