// What was a claim's workflow told, in words? (pure)
import { COMMANDS, RECONCILE_SIGNAL } from '../../../api/names.ts';
import { readFields, readNumber } from './events.ts';

/** Title of a signal that says nothing but that something has changed; several in a row become one. */
export const LOOK_AGAIN = 'asked to look again';

/** What earlier signals have told. */
export interface Told {
  /** Newest generation; 0 before the first signal. */
  generation: number;
  deleting: boolean;
}

/** The title of a signal of the watcher, and what is told after it. */
export function tellReconcile(argument: unknown, told: Told): { title: string; told: Told } {
  const { generation, deleting, vanished, recheck } = readFields(argument);
  const newest = Math.max(told.generation, readNumber(generation));
  const next = { generation: newest, deleting: told.deleting || deleting === true };
  if (deleting === true && !told.deleting) {
    const title = vanished === true ? 'the claim has vanished' : 'the claim was deleted';
    return { title, told: next };
  }
  if (newest > told.generation && told.generation > 0) {
    return { title: `the claim was edited (generation ${newest})`, told: next };
  }
  const title = recheck === true ? 'asked to check that what is attached serves' : LOOK_AGAIN;
  return { title, told: next };
}

/** The title of what a person has sent. @param argument what came with it; may be anything */
export function tellCommand(name: string, argument: unknown): string {
  if (name === RECONCILE_SIGNAL) return LOOK_AGAIN;
  if (!isCommand(name)) return `signal "${name}" was sent`;
  const { graceSeconds, force } = readFields(argument);
  if (force === true) return `${name} asked for, by force`;
  return typeof graceSeconds === 'number'
    ? `${name} asked for, with ${graceSeconds} s of grace`
    : `${name} asked for`;
}

/** Is it one of the messages that a claim's workflow understands? */
export function isCommand(name: string): boolean {
  return Object.hasOwn(COMMANDS, name);
}
