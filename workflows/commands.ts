// What may a person tell a claim's workflow, and what does it change? (pure)
import type { COMMANDS } from '../api/names.ts';
import type { DetachCommand } from './messages.ts';
import { shorten } from './text.ts';

export type CommandKind = keyof typeof COMMANDS;

/** How long processes may go on using what is taken away. */
export interface Grace {
  seconds: number;
  /** Take it away at once, and do not wait for uploads. */
  force: boolean;
}

/** What persons have told so far. Plain JSON, carried over continue-as-new. */
export interface Steering {
  /** How often a fresh source was asked for. */
  remounts: number;
  /** When the claim was detached by hand, in milliseconds since 1970; absent while it is not. */
  detachedSinceMs?: number;
  /** Grace that a person gave; {@link DEFAULT_GRACE} when absent. */
  grace?: Grace;
  /** Signals that were of no use; absent when there were none. */
  ignored?: { count: number; command: string; why: string };
}

/** What decides whether a command makes sense. */
export interface CommandFacts {
  steering: Steering;
  deleting: boolean;
  /** No look has shown yet whether the claim was detached by hand before this workflow began. */
  unknown: boolean;
}

const DEFAULT_GRACE: Grace = { seconds: 30, force: false };

/** Seconds that a `detach` may give at most. */
const MAX_GRACE_SECONDS = 3_600;

/**
 * Tells why a command is refused, in one sentence; undefined when it makes sense.
 *
 * @param argument what came with the message: nothing, null and {} are the same
 */
export function validateCommand(
  kind: CommandKind,
  argument: unknown,
  facts: CommandFacts,
): string | undefined {
  const refusal = findWrongArgument(kind, argument) ?? findWrongTime(kind, argument, facts);
  return refusal === undefined ? undefined : shorten(refusal);
}

/**
 * Takes in a command that {@link validateCommand} let pass. Answers what happens now, in one sentence.
 *
 * @param nowMs milliseconds since 1970
 */
export function applyCommand(
  kind: CommandKind,
  argument: unknown,
  { steering, deleting }: CommandFacts,
  nowMs: number,
): string {
  switch (kind) {
    case 'remount':
      steering.remounts += 1;
      return 'A fresh source is mounted beneath the present one; open files stay readable';
    case 'detach':
      steering.grace = readGrace(argument);
      if (!deleting) steering.detachedSinceMs ??= nowMs;
      return `The storage is taken away ${tellGrace(steering.grace)}${deleting ? '' : '; send attach to bring it back'}`;
    case 'attach':
      delete steering.detachedSinceMs;
      delete steering.grace;
      return 'The storage is attached again in every pod that matches';
  }
}

/** Notes a signal that was of no use, for people to see. */
export function noteIgnored(steering: Steering, command: string, why: string): void {
  steering.ignored = { count: (steering.ignored?.count ?? 0) + 1, command, why };
}

/** The grace in force. */
export function readPresentGrace(steering: Steering): Grace {
  return steering.grace ?? DEFAULT_GRACE;
}

function findWrongArgument(kind: CommandKind, argument: unknown): string | undefined {
  if (argument === undefined || argument === null) return undefined;
  if (typeof argument !== 'object' || Array.isArray(argument)) {
    return `The argument of ${kind} is ${JSON.stringify(argument)}; give a JSON object such as ${EXAMPLES[kind]}, or nothing`;
  }
  const known = kind === 'detach' ? ['graceSeconds', 'force'] : [];
  const unknown = Object.keys(argument).find((field) => !known.includes(field));
  if (unknown !== undefined) {
    return `${kind} knows no field "${unknown}"; ${known.length === 0 ? 'it takes none' : `it takes ${known.join(' and ')}`}`;
  }
  return findWrongValue(argument);
}

const EXAMPLES: Record<CommandKind, string> = {
  remount: '{}',
  detach: '{"graceSeconds": 5}',
  attach: '{}',
};

/** The fields may have any value here: they come from a person. */
function findWrongValue({
  graceSeconds,
  force,
}: { [K in keyof DetachCommand]: unknown }): string | undefined {
  if (graceSeconds !== undefined && !isGraceSeconds(graceSeconds)) {
    return `graceSeconds is ${JSON.stringify(graceSeconds)}; give a whole number from 0 to ${MAX_GRACE_SECONDS}`;
  }
  if (force !== undefined && typeof force !== 'boolean') {
    return `force is ${JSON.stringify(force)}; give true or false`;
  }
  if (force === true && typeof graceSeconds === 'number' && graceSeconds > 0) {
    return `graceSeconds is ${graceSeconds} and force is true; give one of them, because force gives no grace`;
  }
  return undefined;
}

function isGraceSeconds(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_GRACE_SECONDS;
}

function findWrongTime(
  kind: CommandKind,
  argument: unknown,
  { steering, deleting, unknown }: CommandFacts,
): string | undefined {
  const isDetached = steering.detachedSinceMs !== undefined;
  switch (kind) {
    case 'remount':
      if (deleting) return 'The claim is being deleted; nothing is mounted for it any more';
      return isDetached ? 'The claim is detached; send attach instead' : undefined;
    case 'attach':
      if (deleting) return 'The claim is being deleted; nothing is mounted for it any more';
      return isDetached || unknown
        ? undefined
        : 'The claim is not detached; send remount for a fresh source';
    case 'detach':
      if (!deleting && !isDetached) return undefined;
      if (!isSameGrace(readGrace(argument), readPresentGrace(steering))) return undefined;
      return `The claim is ${deleting ? 'being deleted' : 'detached'} already; give another graceSeconds, or force, to hurry it`;
  }
}

function isSameGrace(one: Grace, other: Grace): boolean {
  return one.seconds === other.seconds && one.force === other.force;
}

function readGrace(argument: unknown): Grace {
  const { graceSeconds, force = false } = (argument ?? {}) as DetachCommand;
  return { seconds: force ? 0 : (graceSeconds ?? DEFAULT_GRACE.seconds), force };
}

function tellGrace({ seconds, force }: Grace): string {
  if (force) return 'at once, whoever uses it';
  return `from every pod; who uses it is given ${seconds} s`;
}
