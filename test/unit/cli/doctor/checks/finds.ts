// What does a check say of a cluster in which one thing is otherwise?
import { expect, it } from 'vitest';
import type { Facts } from '../../../../../cli/doctor/facts.ts';
import { judge } from '../../../../builders/doctor.ts';

type Change = [check: string, what: string, changes: Partial<Facts>];

/** Each is found at this level, with these words and a fix. */
export function itFinds(level: 'broken' | 'warning', cases: [...Change, says: string][]): void {
  it.each(cases)('%s: %s', (check, _what, changes, says) => {
    const finding = judge(check, changes);

    expect(finding).toMatchObject({ level, message: expect.stringContaining(says) });
    expect(finding?.fix).toBeTruthy();
  });
}

export function itFindsNothing(cases: Change[]): void {
  it.each(cases)('%s: %s', (check, _what, changes) => {
    expect(judge(check, changes)).toMatchObject({ level: 'ok' });
  });
}
