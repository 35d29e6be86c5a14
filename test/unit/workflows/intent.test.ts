// Are signals taken in whatever they hold?
import { describe, expect, it, vi } from 'vitest';
import { asksForRecheck, buildIntent, noteCommand, noteSignal } from '../../../workflows/intent.ts';

describe('noteSignal', () => {
  it.each<[string, unknown, boolean]>([
    ['a newer generation', { generation: 3, deleting: false }, true],
    ['a deletion', { generation: 2, deleting: true }, true],
    ['news of a pod', { generation: 2, deleting: false }, false],
    ['an older generation', { generation: 1, deleting: false }, false],
    ['nothing', undefined, false],
    ['null', null, false],
    ['text', 'now', false],
    ['wrong types', { generation: '9', deleting: 'yes' }, false],
  ])('with %s interrupts the round: %s', (_what, signal, interrupts) => {
    const interrupt = vi.fn<() => void>();
    const intent = { ...buildIntent(2, false), dirty: false, interrupt };

    noteSignal(intent, signal);

    expect(intent.dirty).toBe(true);
    expect(interrupt).toHaveBeenCalledTimes(interrupts ? 1 : 0);
  });

  it('never goes back', () => {
    const intent = buildIntent(2, true);

    noteSignal(intent, { generation: 1, deleting: false });

    expect(intent).toMatchObject({ generation: 2, deleting: true });
  });
});

it.each<[unknown[], boolean]>([
  [[{ generation: 1, deleting: true }], true],
  [[{ generation: 1, deleting: true, vanished: true }], false],
  [
    [
      { generation: 1, deleting: true },
      { generation: 1, deleting: true, vanished: true },
    ],
    true,
  ],
  [[{ generation: 1, deleting: false }], false],
])('%j tell of a deletion: %s', (signals, wasDeleted) => {
  const intent = buildIntent(1, false);

  for (const signal of signals) noteSignal(intent, signal);

  expect(intent.wasDeleted).toBe(wasDeleted);
});

it('a command interrupts the round', () => {
  const interrupt = vi.fn<() => void>();
  const intent = { ...buildIntent(2, false), dirty: false, interrupt };

  noteCommand(intent);

  expect(intent.dirty).toBe(true);
  expect(interrupt).toHaveBeenCalledOnce();
});

it.each<[unknown, boolean]>([
  [{ generation: 1, deleting: false, recheck: true }, true],
  [{ generation: 1, deleting: false }, false],
  [undefined, false],
  [{ recheck: 'yes' }, false],
])('%j asks for a recheck: %s', (signal, asks) => {
  expect(asksForRecheck(signal)).toBe(asks);
});
