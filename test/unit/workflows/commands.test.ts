// Which commands of a person make sense, and what do they change?
import { describe, expect, it } from 'vitest';
import {
  applyCommand,
  noteIgnored,
  readPresentGrace,
  validateCommand,
} from '../../../workflows/commands.ts';
import type { CommandFacts, CommandKind, Steering } from '../../../workflows/commands.ts';

type Situation = 'attached' | 'detached' | 'deleting' | 'unknown';

function facts(situation: Situation, steering: Partial<Steering> = {}): CommandFacts {
  return {
    steering: {
      remounts: 0,
      ...(situation === 'detached' ? { detachedSinceMs: 1 } : {}),
      ...steering,
    },
    deleting: situation === 'deleting',
    unknown: situation === 'unknown',
  };
}

describe('validateCommand', () => {
  it.each([
    ['text', 'x'.repeat(100_000)],
    ['field', { ['x'.repeat(100_000)]: 1 }],
    ['value', { graceSeconds: 'x'.repeat(100_000) }],
  ])('tells no more of a %s than a person reads', (_what, argument) => {
    expect(validateCommand('detach', argument, facts('attached'))?.length).toBeLessThan(1_000);
  });

  it.each<[CommandKind, Situation, unknown]>([
    ['remount', 'attached', undefined],
    ['remount', 'attached', null],
    ['remount', 'attached', {}],
    ['remount', 'unknown', undefined],
    ['detach', 'attached', undefined],
    ['detach', 'attached', null],
    ['detach', 'attached', {}],
    ['detach', 'attached', { graceSeconds: 0 }],
    ['detach', 'attached', { graceSeconds: 3_600 }],
    ['detach', 'attached', { force: true }],
    ['detach', 'attached', { force: true, graceSeconds: 0 }],
    ['detach', 'attached', { force: false, graceSeconds: 5 }],
    ['detach', 'detached', { graceSeconds: 5 }],
    ['detach', 'detached', { force: true }],
    ['detach', 'deleting', { graceSeconds: 5 }],
    ['detach', 'deleting', { force: true }],
    ['attach', 'detached', undefined],
    ['attach', 'detached', {}],
    ['attach', 'unknown', undefined],
  ])('lets %s pass on a claim that is %s with %j', (kind, situation, argument) => {
    expect(validateCommand(kind, argument, facts(situation))).toBeUndefined();
  });

  it.each<[CommandKind, Situation, unknown, string]>([
    [
      'remount',
      'attached',
      'now',
      'The argument of remount is "now"; give a JSON object such as {}, or nothing',
    ],
    [
      'detach',
      'attached',
      [5],
      'The argument of detach is [5]; give a JSON object such as {"graceSeconds": 5}, or nothing',
    ],
    [
      'detach',
      'attached',
      5,
      'The argument of detach is 5; give a JSON object such as {"graceSeconds": 5}, or nothing',
    ],
    ['remount', 'attached', { force: true }, 'remount knows no field "force"; it takes none'],
    ['attach', 'detached', { pod: 'a' }, 'attach knows no field "pod"; it takes none'],
    [
      'detach',
      'attached',
      { grace: 5 },
      'detach knows no field "grace"; it takes graceSeconds and force',
    ],
    [
      'detach',
      'attached',
      { graceSeconds: -1 },
      'graceSeconds is -1; give a whole number from 0 to 3600',
    ],
    [
      'detach',
      'attached',
      { graceSeconds: 3_601 },
      'graceSeconds is 3601; give a whole number from 0 to 3600',
    ],
    [
      'detach',
      'attached',
      { graceSeconds: 1.5 },
      'graceSeconds is 1.5; give a whole number from 0 to 3600',
    ],
    [
      'detach',
      'attached',
      { graceSeconds: '5' },
      'graceSeconds is "5"; give a whole number from 0 to 3600',
    ],
    [
      'detach',
      'attached',
      { graceSeconds: null },
      'graceSeconds is null; give a whole number from 0 to 3600',
    ],
    ['detach', 'attached', { force: 'yes' }, 'force is "yes"; give true or false'],
    [
      'detach',
      'attached',
      { force: true, graceSeconds: 5 },
      'graceSeconds is 5 and force is true; give one of them, because force gives no grace',
    ],
    [
      'remount',
      'deleting',
      undefined,
      'The claim is being deleted; nothing is mounted for it any more',
    ],
    [
      'attach',
      'deleting',
      undefined,
      'The claim is being deleted; nothing is mounted for it any more',
    ],
    ['remount', 'detached', undefined, 'The claim is detached; send attach instead'],
    ['attach', 'attached', undefined, 'The claim is not detached; send remount for a fresh source'],
    [
      'detach',
      'detached',
      undefined,
      'The claim is detached already; give another graceSeconds, or force, to hurry it',
    ],
    [
      'detach',
      'deleting',
      { graceSeconds: 30 },
      'The claim is being deleted already; give another graceSeconds, or force, to hurry it',
    ],
  ])('refuses %s on a claim that is %s with %j', (kind, situation, argument, sentence) => {
    expect(validateCommand(kind, argument, facts(situation))).toBe(sentence);
  });

  it('refuses a detach that repeats the grace of the one before', () => {
    const before = facts('detached', { grace: { seconds: 5, force: false } });

    expect(validateCommand('detach', { graceSeconds: 5 }, before)).toMatch(/detached already/);
    expect(validateCommand('detach', {}, before)).toBeUndefined();
  });
});

describe('applyCommand', () => {
  it('counts remounts', () => {
    const told = facts('attached');

    applyCommand('remount', undefined, told, 5);
    applyCommand('remount', {}, told, 6);

    expect(told.steering).toEqual({ remounts: 2 });
  });

  it('detaches with a grace, and remembers the first time', () => {
    const told = facts('attached');

    const answer = applyCommand('detach', { graceSeconds: 5 }, told, 5);
    applyCommand('detach', { force: true }, told, 6);

    expect(answer).toBe(
      'The storage is taken away from every pod; who uses it is given 5 s; send attach to bring it back',
    );
    expect(told.steering.detachedSinceMs).toBe(5);
    expect(readPresentGrace(told.steering)).toEqual({ seconds: 0, force: true });
  });

  it('hurries a deletion without detaching by hand', () => {
    const told = facts('deleting');

    const answer = applyCommand('detach', { force: true }, told, 5);

    expect(answer).toBe('The storage is taken away at once, whoever uses it');
    expect(told.steering.detachedSinceMs).toBeUndefined();
  });

  it('attaches, and forgets the grace', () => {
    const told = facts('detached', { grace: { seconds: 5, force: false } });

    applyCommand('attach', undefined, told, 5);

    expect(told.steering).toEqual({ remounts: 0 });
  });
});

it('counts ignored signals and keeps the last', () => {
  const steering: Steering = { remounts: 0 };

  noteIgnored(steering, 'attach', 'not detached');
  noteIgnored(steering, 'reboot', 'no such signal');

  expect(steering.ignored).toEqual({ count: 2, command: 'reboot', why: 'no such signal' });
});
