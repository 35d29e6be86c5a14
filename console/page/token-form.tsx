// How does the page get the token that the controller asks for?
import { CopyText } from './copy-button.tsx';
import { OneFieldForm } from './one-field-form.tsx';

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
  return (
    <main class="alone">
      <h1>{wasRefused ? 'This token was not accepted' : 'A token, please'}</h1>
      <p>{message}</p>
      <OneFieldForm
        id="token"
        label="Kubernetes bearer token"
        initial=""
        isSecret
        clean={(text) => text.trim().replace(/^Bearer\s+/i, '')}
        submit="Show the claims"
        onGiven={onToken}
      />
      <p>
        You see the namespaces in which the token may list dynamicvolumeclaims. It stays in the
        memory of this page, and is forgotten with it. To make one:
      </p>
      <CopyText text={COMMAND} what="Command that makes a token" />
    </main>
  );
}
