// How is said that something is not there, and what to do?
import type { ComponentChildren } from 'preact';
import { Mark } from './mark.tsx';
import type { MarkKind } from './marks.ts';

interface Props {
  kind: MarkKind;
  title: string;
  text: string;
  children?: ComponentChildren;
}

export function Notice({ kind, title, text, children }: Props) {
  return (
    <div class="notice">
      <Mark kind={kind} />
      <div>
        <strong>{title}</strong>
        <p>{text}</p>
        {children}
      </div>
    </div>
  );
}
