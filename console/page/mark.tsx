// What does a mark look like? (16 x 16 units)
import type { ComponentChildren } from 'preact';
import type { MarkKind } from './marks.ts';

const ring = <circle class="mark-line" cx="8" cy="8" r="6" />;

const SHAPES: Record<MarkKind, ComponentChildren> = {
  ok: (
    <>
      <circle class="mark-fill" cx="8" cy="8" r="7" />
      <path class="mark-cut" d="M4.9 8.3l2.2 2.2 4.1-4.7" />
    </>
  ),
  busy: (
    <>
      <circle class="mark-line mark-faint" cx="8" cy="8" r="6" />
      <path class="mark-line mark-turning" d="M8 2a6 6 0 0 1 6 6" />
    </>
  ),
  waiting: (
    <>
      {ring}
      <path class="mark-line" d="M8 5v3.2l2 1.4" />
    </>
  ),
  failed: (
    <>
      <path class="mark-fill" d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" />
      <path class="mark-cut" d="M5.6 5.6l4.8 4.8m0-4.8l-4.8 4.8" />
    </>
  ),
  leaving: (
    <>
      {ring}
      <path class="mark-line" d="M5.2 8h5.6" />
    </>
  ),
  absent: (
    <>
      {ring}
      <path class="mark-line" d="M3.9 12.1l8.2-8.2" />
    </>
  ),
  aside: <circle class="mark-fill" cx="8" cy="8" r="3" />,
  asked: <path class="mark-fill" d="M8 2.5L13.5 8 8 13.5 2.5 8z" />,
};

/** The shape alone, for use inside a drawing. */
export function MarkShape({ kind }: { kind: MarkKind }) {
  return <g class={`mark mark-${kind}`}>{SHAPES[kind]}</g>;
}

/** Beside a text that says the same in words. */
export function Mark({ kind }: { kind: MarkKind }) {
  return (
    <svg class="mark-icon" viewBox="0 0 16 16" aria-hidden="true">
      <MarkShape kind={kind} />
    </svg>
  );
}
