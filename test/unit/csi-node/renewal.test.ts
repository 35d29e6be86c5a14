// When does the agent enrol, and what does it do when that fails?
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import type { Identity } from '../../../csi-node/identity.ts';
import { planNextTry, startRenewal } from '../../../csi-node/renewal.ts';
import { waitUntil } from '../../wait-until.ts';

const NOW_MS = 1_000_000;

function anIdentity(renewAtMs: number): Identity {
  return { certificate: 'c', privateKey: 'k', renewAtMs, expiresAtMs: renewAtMs + 60_000 };
}

describe('planNextTry', () => {
  test.for([
    ['at once without a certificate', undefined, 0, 0, 0],
    ['at half of its life', NOW_MS + 5_000, 0, 0, 5_000],
    ['at once when that is over', NOW_MS - 5_000, 0, 0, 0],
    ['half a second after a failure', undefined, 1, 0, 500],
    ['sooner by up to a half, by chance', undefined, 1, 0.5, 375],
    ['later with each failure', undefined, 4, 0, 4_000],
    ['never later than 15 s', undefined, 99, 0, 15_000],
    ['with back-off when it could not be renewed', NOW_MS - 5_000, 2, 0, 1_000],
    ['at half of the life that is left when an older try failed', NOW_MS + 9_000, 3, 0, 9_000],
  ] as const)('%s', ([, renewAtMs, failures, random, waitMs]) => {
    const identity = renewAtMs === undefined ? undefined : anIdentity(renewAtMs);
    expect(planNextTry({ identity, failures, nowMs: NOW_MS, random })).toBe(waitMs);
  });
});

describe('the renewal', () => {
  test('goes on after failures, says each in one line, and ends when it is stopped', async () => {
    const lines: string[] = [];
    const used: Identity[] = [];
    const far = anIdentity(Date.now() + 3_600_000);
    let tries = 0;
    const renewal = startRenewal({
      identity: undefined,
      enrol: async () => {
        tries += 1;
        if (tries < 3) throw new Error('the controller is away');
        return far;
      },
      use: (identity) => used.push(identity),
      log: pino({}, { write: (line: string) => lines.push(line) }),
    });

    await waitUntil('it enrolled', () => used.length === 1);
    renewal.stop();

    expect(tries).toBe(3);
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      'Could not enrol at the controller; trying again',
      'Could not enrol at the controller; trying again',
      'Enrolled',
    ]);
    expect(lines[0]).toContain('the controller is away');
  });

  test('waits between tries also when what it gets is old already', async () => {
    let tries = 0;
    const renewal = startRenewal({
      identity: undefined,
      enrol: async () => {
        tries += 1;
        return anIdentity(Date.now() - 1_000);
      },
      use: () => {},
      log: pino({ level: 'silent' }),
    });

    await waitUntil('it tried twice', () => tries === 2);
    renewal.stop();

    expect(tries).toBe(2);
  });
});
