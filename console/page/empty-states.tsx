// What is shown where there is nothing to show, and what does a person do then?
import { CopyText } from './copy-button.tsx';
import type { ConsoleError } from './console-error.ts';
import { RetryTime } from './connection.tsx';
import { NamespaceForm } from './namespace-form.tsx';
import { Notice } from './notice.tsx';
import { buildClaimText, buildRightCheck, CONTROLLER_FORWARD } from './samples.ts';

interface AwayProps {
  error: ConsoleError;
  /** The one that was asked for; undefined for all. */
  namespace: string | undefined;
  onNamespace: (namespace: string) => void;
  retryAtMs: number;
  retryNow: () => void;
}

/** Nothing was heard of any claim. */
export function ClaimsAway({ error, namespace, onNamespace, retryAtMs, retryNow }: AwayProps) {
  const isForbidden = error.kind === 'forbidden';
  return (
    <main class="alone">
      <h1>{buildAwayTitle(error, namespace)}</h1>
      <p role="alert">{error.message}</p>
      {isForbidden && <NamespaceForm namespace={namespace} onNamespace={onNamespace} />}
      {isForbidden && <AskForRight namespace={namespace} />}
      {error.kind === 'unreachable' && <ForwardAgain />}
      <p>
        <button type="button" class={isForbidden ? '' : 'primary'} onClick={retryNow}>
          Try now
        </button>{' '}
        <RetryTime retryAtMs={retryAtMs} />
      </p>
    </main>
  );
}

function buildAwayTitle({ kind }: ConsoleError, namespace: string | undefined): string {
  if (kind === 'unreachable') return 'The controller is not reached';
  if (kind !== 'forbidden') return 'The controller is not ready';
  return namespace === undefined ? 'Which namespace is yours?' : 'You may not see these claims';
}

function AskForRight({ namespace }: { namespace: string | undefined }) {
  return (
    <>
      <p>
        It takes the right to list dynamicvolumeclaims in the namespace; the roles view, edit and
        admin have it. To see whether you have it:
      </p>
      <CopyText text={buildRightCheck(namespace)} what="Command that checks the right" />
    </>
  );
}

function ForwardAgain() {
  return (
    <>
      <p>
        Mounts do not depend on it: what pods have, they keep. If you came by a port-forward, it has
        ended; begin it again:
      </p>
      <CopyText text={CONTROLLER_FORWARD} what="Command that forwards the port" />
    </>
  );
}

interface NoClaimsProps {
  /** The one whose claims alone are shown; undefined for all. */
  namespace: string | undefined;
  /** A token decides which claims are shown. */
  isLimited: boolean;
}

/** The first thing that a new user sees. */
export function NoClaims({ namespace, isLimited }: NoClaimsProps) {
  return (
    <main class="alone">
      <h1>No claims yet{namespace !== undefined && ` in ${namespace}`}</h1>
      <p>
        A claim shows a bucket in pods that already run. This one serves the pods of its namespace
        with the label <code>app: web</code>; change bucket and endpoint, apply it, and watch it
        here.
      </p>
      <CopyText text={buildClaimText(namespace)} what="A claim to begin with" />
      <p>
        The pods need a volume root, which they get when they are created with the annotations{' '}
        <code>storage-provider-class</code> and <code>volume-mount-path-root</code>. A claim whose
        pods have none says so.
      </p>
      {isLimited && namespace === undefined && (
        <p>
          If there should be claims: only those are shown whose namespace your token may list
          dynamicvolumeclaims in. To see whether it may:
        </p>
      )}
      {isLimited && namespace === undefined && (
        <CopyText text={buildRightCheck()} what="Command that checks the right" />
      )}
    </main>
  );
}

export function NoMatch({ total, onClear }: { total: number; onClear: () => void }) {
  return (
    <Notice kind="absent" title="No claim matches" text={`The filter hides all ${total} claims.`}>
      <button type="button" onClick={onClear}>
        Show all claims
      </button>
    </Notice>
  );
}
