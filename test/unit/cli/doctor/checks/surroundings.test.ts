// Does doctor find what does not answer around dynvol?
import { describe, expect, it } from 'vitest';
import { judge } from '../../../../builders/doctor.ts';
import { itFinds } from './finds.ts';

describe('broken, with a fix', () => {
  itFinds('broken', [
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
  ]);
});

describe('a warning, with a fix', () => {
  itFinds('warning', [
    [
      'Temporal',
      'reached, but the cluster is not read yet',
      { health: { value: [{ pod: 'controller-a', ready: false, said: 'waiting for: caches\n' }] } },
      'waiting for: caches',
    ],
  ]);
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
