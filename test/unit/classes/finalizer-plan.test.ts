// Does a class stay while a claim uses it, and go afterwards?
import { describe, expect, it } from 'vitest';
import { CLASS_FINALIZER } from '../../../api/names.ts';
import { planFinalizer } from '../../../classes/finalizer-plan.ts';
import { aClaim, aClass } from '../../builders/objects.ts';

const OTHER = 'example.com/other';

function plan(
  metadata: { finalizers?: string[]; deletionTimestamp?: string },
  names: string[] = [],
) {
  const cls = aClass('fast');
  Object.assign(cls.metadata, metadata);
  return planFinalizer(cls, () => names.map((name) => aClaim({ metadata: { name } })));
}

const deletionTimestamp = '2026-01-01T00:00:00Z';

describe('planFinalizer', () => {
  it.each<[string, ReturnType<typeof plan>, string[]]>([
    ['a new class', plan({}), [CLASS_FINALIZER]],
    ['one that another keeps', plan({ finalizers: [OTHER] }), [OTHER, CLASS_FINALIZER]],
    [
      'a deleted one that nobody uses',
      plan({ finalizers: [OTHER, CLASS_FINALIZER], deletionTimestamp }),
      [OTHER],
    ],
  ])('sets the finalizers of %s', (_what, planned, finalizers) => {
    expect(planned).toEqual({ kind: 'setFinalizers', finalizers });
  });

  it.each<[string, ReturnType<typeof plan>]>([
    ['has its finalizer', plan({ finalizers: [CLASS_FINALIZER] })],
    ['is used and not deleted', plan({ finalizers: [CLASS_FINALIZER] }, ['a'])],
    ['is deleted and only others keep it', plan({ finalizers: [OTHER], deletionTimestamp }, ['a'])],
  ])('leaves a class that %s', (_what, planned) => {
    expect(planned).toEqual({ kind: 'nothing' });
  });

  it.each([
    [['a'], 'used by claim shop/a; it is deleted when that is'],
    [['b', 'a'], 'used by claims shop/a, shop/b; it is deleted when they are'],
    [
      Array.from({ length: 12 }, (_, index) => `c${String(index).padStart(2, '0')}`),
      'shop/c08, shop/c09 and 2 more; it is deleted when they are',
    ],
  ])('tells who uses a deleted class: %j', (names, text) => {
    expect(plan({ finalizers: [CLASS_FINALIZER], deletionTimestamp }, names)).toMatchObject({
      kind: 'tellUsers',
      message: expect.stringContaining(text),
    });
  });
});
