// How does somebody who may not list all claims name a namespace, and another one afterwards?
import { useEffect, useRef, useState } from 'preact/hooks';
import { parseHash } from './view-state.ts';

interface FormProps {
  /** The one that was refused; undefined when all were. */
  namespace: string | undefined;
  onNamespace: (namespace: string) => void;
}

/** Begins with the namespace of the page's address: a link to a claim is followed with one key. */
export function NamespaceForm({ namespace, onNamespace }: FormProps) {
  const [text, setText] = useState(() => namespace ?? findNamespace());
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const named = text.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (named) onNamespace(named);
      }}
    >
      <label for="namespace">Namespace</label>
      <input
        id="namespace"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        ref={field}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
        }}
      />
      <button type="submit" class="primary" disabled={!named}>
        Show its claims
      </button>
    </form>
  );
}

function findNamespace(): string {
  const { filter, claim } = parseHash(location.hash);
  return filter.namespace || (claim?.namespace ?? '');
}

interface NoteProps {
  namespace: string;
  onLeave: () => void;
}

/** Says that there may be claims elsewhere. */
export function NamespaceNote({ namespace, onLeave }: NoteProps) {
  return (
    <p class="only-namespace">
      <span>
        Only namespace <strong>{namespace}</strong>
      </span>
      <button type="button" onClick={onLeave}>
        Another namespace
      </button>
    </p>
  );
}
