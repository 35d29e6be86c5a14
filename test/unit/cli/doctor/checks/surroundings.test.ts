// Does doctor find what does not answer around dynvol?
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../../../cli/doctor/facts.ts';
import { judge } from '../../../../builders/doctor.ts';

describe('broken, with a fix', () => {
  it.each<[check: string, what: string, changes: Partial<Facts>, says: string]>([
    ['DNS', 'without servers', { dns: { value: 0 } }, 'no server is ready'],
    [
      'Temporal',
      'not reached',
      {
        health: {
          value: [{ pod: 'controller-a', ready: false, said: 'waiting for: Temporal, caches\n' }],
        },
      },
      'controller-a is waiting for: Temporal',
    ],
  ])('%s: %s', (check, _what, changes, says) => {
    const finding = judge(check, changes);

    expect(finding).toMatchObject({ level: 'broken', message: expect.stringContaining(says) });
    expect(finding?.fix).toBeTruthy();
  });
});

describe('a warning, with a fix', () => {
  it.each<[check: string, what: string, changes: Partial<Facts>, says: string]>([
    [
      'Temporal',
      'reached, but the cluster is not read yet',
      { health: { value: [{ pod: 'controller-a', ready: false, said: 'waiting for: caches\n' }] } },
      'waiting for: caches',
    ],
  ])('%s: %s', (check, _what, changes, says) => {
    const finding = judge(check, changes);

    expect(finding).toMatchObject({ level: 'warning', message: expect.stringContaining(says) });
    expect(finding?.fix).toBeTruthy();
  });
});

describe('what may not be seen', () => {
  it('is told with the cause where it is another one', () => {
    expect(judge('Temporal', { health: { failed: 'no controller runs' } })).toMatchObject({
      level: 'unchecked',
      message: 'not checked: no controller runs',
    });
    expect(judge('DNS', { dns: { value: undefined } })).toMatchObject({ level: 'unchecked' });
  });
});
