// How do a workflow's begin, its end and its troubles read?
import { SEARCH_ATTRIBUTES } from '../../../api/names.ts';
import type { TimelineEntry } from '../views.ts';
import {
  readFailure,
  readFields,
  readNumber,
  readPayload,
  readPayloads,
  readText,
} from './events.ts';
import type { HistoryEvent } from './events.ts';
import { addEntry } from './story.ts';
import type { Reader, Story } from './story.ts';

/** Readers of the events that are about the run itself. */
export const LIFE_READERS: Record<string, Reader> = {
  workflowExecutionStarted: readStart,
  workflowExecutionCancelRequested: tell('the workflow was asked to stop'),
  workflowExecutionCompleted: tell('the end: nothing of the claim is mounted any more'),
  workflowExecutionContinuedAsNew: tell('goes on in a new history, because this one is long'),
  workflowExecutionFailed: tell('the workflow failed', 'failed'),
  workflowExecutionTimedOut: tell('the workflow took too long', 'failed'),
  workflowExecutionTerminated: tell('the workflow was terminated', 'canceled'),
  workflowExecutionCanceled: tell('the workflow was stopped', 'canceled'),
  workflowTaskFailed: readFailedTask,
  workflowTaskTimedOut: readLostTask,
  upsertWorkflowSearchAttributes: readSearchAttributes,
};

const ENDS: Record<string, string> = {
  workflowExecutionCompleted: 'Completed',
  workflowExecutionFailed: 'Failed',
  workflowExecutionTerminated: 'Terminated',
  workflowExecutionCanceled: 'Canceled',
  workflowExecutionTimedOut: 'TimedOut',
  workflowExecutionContinuedAsNew: 'ContinuedAsNew',
};

/** What has become of a run whose last event this is: `Running`, or how it ended, as Temporal calls it. */
export function findRunStatus(last: HistoryEvent | undefined): string {
  return ENDS[last?.type ?? ''] ?? 'Running';
}

function tell(title: string, outcome: TimelineEntry['outcome'] = 'done'): Reader {
  return (event, story) => {
    const { failure, reason, identity } = event.attributes;
    const isByPerson = outcome === 'canceled' && readText(identity) !== '';
    const why = [
      readFailure(failure) || readText(reason),
      ...(isByPerson ? [`by ${readText(identity)}`] : []),
    ].filter((text) => text !== '');
    addEntry(event, story, {
      kind: 'life',
      title,
      outcome,
      ...(why.length > 0 ? { detail: why.join(', ') } : {}),
    });
  };
}

/** A run that goes on from another one has that one's state in its input. */
function readStart(event: HistoryEvent, story: Story): void {
  const { attributes, summary } = event;
  const [input] = readPayloads(attributes['input']);
  const { namespace, name, state, deleting } = readFields(input);
  const claim = `claim ${readText(namespace)}/${readText(name)}`;
  const { generation, search, mounts } = readFields(state);
  const isFirst = state === undefined;
  const detail = isFirst ? summary : tellFormer(readText(attributes['continuedExecutionRunId']));
  addEntry(event, story, {
    kind: 'life',
    title: isFirst ? `${claim} was seen` : `goes on with ${claim}`,
    outcome: 'done',
    ...(detail ? { detail } : {}),
  });
  story.told = { generation: readNumber(generation), deleting: deleting === true };
  Object.assign(story, readFields(search));
  for (const [uid, mount] of Object.entries(readFields(mounts))) {
    const { sourceKey } = readFields(readFields(mount)['served']);
    if (sourceKey !== undefined) story.served.set(uid, readText(sourceKey));
  }
}

/** Temporal keeps it for as long as the retention of its namespace says. */
function tellFormer(runId: string): string {
  const why = 'the history before this one had become long';
  return runId === '' ? why : `${why}: earlier steps are in run ${runId}`;
}

/** A message that comes in while a task runs makes Temporal give the task out anew; that is no failure. */
function readFailedTask(event: HistoryEvent, story: Story): void {
  const { cause, failure } = event.attributes;
  if (cause === 1 || readText(cause).endsWith('UNHANDLED_COMMAND')) return;
  addEntry(event, story, {
    kind: 'life',
    title: 'a step of the workflow failed, and is tried again',
    outcome: 'failed',
    detail: readFailure(failure) || readText(cause),
  });
}

/** Of the kinds of time-out, only this one means that somebody had begun and did not end. */
function readLostTask(event: HistoryEvent, story: Story): void {
  const { timeoutType } = event.attributes;
  if (timeoutType !== 1 && !readText(timeoutType).endsWith('START_TO_CLOSE')) return;
  addEntry(event, story, {
    kind: 'life',
    title: 'a controller did not answer in time; another one takes over',
    outcome: 'failed',
  });
}

function readSearchAttributes({ attributes }: HistoryEvent, story: Story): void {
  const { indexedFields } = readFields(attributes['searchAttributes']);
  const fields = readFields(indexedFields);
  for (const key of ['phase', 'attached', 'matched'] as const) {
    const value = readPayload(fields[SEARCH_ATTRIBUTES[key].name]);
    if (value !== undefined) Object.assign(story, { [key]: value });
  }
}
