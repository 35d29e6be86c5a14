// How do the signals and updates of a workflow read?
import { RECONCILE_SIGNAL } from '../../../api/names.ts';
import { readFailure, readFields, readNumber, readPayloads, readText } from './events.ts';
import type { HistoryEvent } from './events.ts';
import { isCommand, LOOK_AGAIN, tellCommand, tellReconcile } from './message-words.ts';
import { addEntry } from './story.ts';
import type { Reader, Story } from './story.ts';

/** Readers of the events that are about messages. */
export const MESSAGE_READERS: Record<string, Reader> = {
  workflowExecutionSignaled: readSignal,
  workflowExecutionUpdateAccepted: readUpdate,
  workflowExecutionUpdateCompleted: readAnswer,
};

/** The event of the signal that comes with the start, and says nothing that the start does not. */
const FIRST_SIGNAL_EVENT = 2;

function readSignal(event: HistoryEvent, story: Story): void {
  const { signalName, input } = event.attributes;
  const [argument] = readPayloads(input);
  if (signalName === RECONCILE_SIGNAL) readReconcile(event, story, argument);
  else readCommand(event, story, argument);
}

function readReconcile(event: HistoryEvent, story: Story, argument: unknown): void {
  const { title, told } = tellReconcile(argument, story.told);
  story.told = told;
  if (event.id === FIRST_SIGNAL_EVENT && title === LOOK_AGAIN) return;
  addEntry(event, story, { kind: 'signal', title, outcome: 'done' });
}

function readCommand(event: HistoryEvent, story: Story, argument: unknown): void {
  const { signalName, identity } = event.attributes;
  const name = readText(signalName);
  addEntry(event, story, {
    kind: 'signal',
    title: tellCommand(name, argument),
    ...(isCommand(name)
      ? { outcome: 'done', ...tellSender(identity) }
      : { outcome: 'failed', detail: 'there is no such signal, so it was ignored' }),
  });
}

function tellSender(identity: unknown): { detail?: string } {
  const sender = readText(identity);
  return sender === '' ? {} : { detail: `by ${sender}` };
}

function readUpdate(event: HistoryEvent, story: Story): void {
  const { input, meta } = readFields(event.attributes['acceptedRequest']);
  const { name, args } = readFields(input);
  const [argument] = readPayloads(args);
  const entry = addEntry(event, story, {
    kind: 'update',
    title: tellCommand(readText(name), argument),
    outcome: 'open',
    ...tellSender(readFields(meta)['identity']),
  });
  story.begun.set(event.id, { entry, type: '' });
}

function readAnswer({ attributes }: HistoryEvent, story: Story): void {
  const begun = story.begun.get(readNumber(attributes['acceptedEventId']));
  if (!begun) return;
  const { entry } = begun;
  const { success, failure } = readFields(attributes['outcome']);
  const [answer] = readPayloads(success);
  const told = failure ? readFailure(failure) : readText(answer);
  entry.outcome = failure ? 'failed' : 'done';
  const detail = [entry.detail ?? '', told].filter((text) => text !== '').join(': ');
  if (detail !== '') entry.detail = detail;
}
