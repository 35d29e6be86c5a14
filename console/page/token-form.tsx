// How does the page get the token that the controller asks for?
import { useEffect, useRef, useState } from 'preact/hooks';
import { CopyText } from './copy-button.tsx';

interface Props {
  /** The controller's sentence. */
  message: string;
  /** A token was given and refused. */
  wasRefused: boolean;
  onToken: (token: string) => void;
}

const COMMAND = 'kubectl create token SERVICE_ACCOUNT -n NAMESPACE --duration 1h';

/** The token stays in this page's memory: it is asked for again after a reload. */
export function TokenForm({ message, wasRefused, onToken }: Props) {
  const [text, setText] = useState('');
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const token = text.trim().replace(/^Bearer\s+/i, '');
  return (
    <main class="alone">
      <h1>{wasRefused ? 'This token was not accepted' : 'A token, please'}</h1>
      <p>{message}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (token) onToken(token);
        }}
      >
        <label for="token">Kubernetes bearer token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          ref={field}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
          }}
        />
        <button type="submit" class="primary" disabled={!token}>
          Show the claims
        </button>
      </form>
      <p>
        You see the namespaces in which the token may list dynamicvolumeclaims. It stays in the
        memory of this page, and is forgotten with it. To make one:
      </p>
      <CopyText text={COMMAND} what="Command that makes a token" />
    </main>
  );
}
