// What is shown where there is nothing to show, and what does a person do then?
import { CopyText } from './copy-button.tsx';
import type { ConsoleError, ConsoleErrorKind } from './console-error.ts';
import { RetryTime } from './connection.tsx';
import { Notice } from './notice.tsx';
import { CONTROLLER_FORWARD, RIGHT_CHECK, SAMPLE_CLAIM } from './samples.ts';

interface AwayProps {
  error: ConsoleError;
  retryAtMs: number;
  retryNow: () => void;
}

/** Nothing was ever heard of any claim. */
export function ClaimsAway({ error, retryAtMs, retryNow }: AwayProps) {
  return (
    <main class="alone">
      <h1>{AWAY_TITLES[error.kind] ?? 'The controller is not ready'}</h1>
      <p role="alert">{error.message}</p>
      {error.kind === 'forbidden' && <AskForRight />}
      {error.kind === 'unreachable' && <ForwardAgain />}
      <p>
        <button type="button" class="primary" onClick={retryNow}>
          Try now
        </button>{' '}
        <RetryTime retryAtMs={retryAtMs} />
      </p>
    </main>
  );
}

const AWAY_TITLES: Partial<Record<ConsoleErrorKind, string>> = {
  forbidden: 'You may not see claims here',
  unreachable: 'The controller is not reached',
};

function AskForRight() {
  return (
    <>
      <p>
        Ask for the right to list dynamicvolumeclaims in your namespace; the roles view, edit and
        admin have it. To see whether you have it:
      </p>
      <CopyText text={RIGHT_CHECK} what="Command that checks the right" />
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

/** The first thing that a new user sees. @param isLimited a token decides which claims are shown */
export function NoClaims({ isLimited }: { isLimited: boolean }) {
  return (
    <main class="alone">
      <h1>No claims yet</h1>
      <p>
        A claim shows a bucket in pods that already run. This one serves the pods of its namespace
        with the label <code>app: web</code>; change bucket and endpoint, apply it, and watch it
        here.
      </p>
      <CopyText text={SAMPLE_CLAIM} what="A claim to begin with" />
      <p>
        The pods need a volume root, which they get when they are created with the annotations{' '}
        <code>storage-provider-class</code> and <code>volume-mount-path-root</code>. A claim whose
        pods have none says so.
      </p>
      {isLimited && (
        <p>
          If there should be claims: only those are shown whose namespace your token may list
          dynamicvolumeclaims in. To see whether it may:
        </p>
      )}
      {isLimited && <CopyText text={RIGHT_CHECK} what="Command that checks the right" />}
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
