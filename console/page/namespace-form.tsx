// How does somebody who may not list all claims name a namespace, and another one afterwards?
import { OneFieldForm } from './one-field-form.tsx';
import { parseHash } from './view-state.ts';

interface FormProps {
  /** The one that was refused; undefined when all were. */
  namespace: string | undefined;
  onNamespace: (namespace: string) => void;
}

/** Begins with the namespace of the page's address: a link to a claim is followed with one key. */
export function NamespaceForm({ namespace, onNamespace }: FormProps) {
  return (
    <OneFieldForm
      id="namespace"
      label="Namespace"
      initial={namespace ?? findNamespace()}
      clean={(text) => text.trim()}
      submit="Show its claims"
      onGiven={onNamespace}
    />
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
