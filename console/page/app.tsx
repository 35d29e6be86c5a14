// What does the page show?
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ClaimSummary } from '../model/views.ts';
import { ClaimList } from './claim-list.tsx';
import { ClaimView } from './claim-view.tsx';
import { ConnectionState, CutBanner } from './connection.tsx';
import { createConsoleApi, type ConsoleApi } from './console-api.ts';
import { ClaimsAway, NoClaims, NoMatch } from './empty-states.tsx';
import { FilterBar } from './filter-bar.tsx';
import { buildChoices, buildGroups } from './filter-claims.ts';
import { NamespaceNote } from './namespace-form.tsx';
import { ClaimGone, Overview } from './overview.tsx';
import { TokenForm } from './token-form.tsx';
import { useLiveClaims } from './use-live-claims.ts';
import { useViewState } from './use-view-state.ts';
import { buildHash, NO_FILTER } from './view-state.ts';

export function App() {
  // An object: the same token, given once more, is tried once more.
  const [given, setGiven] = useState<{ token?: string }>({});
  const { token } = given;
  const api = useMemo(() => createConsoleApi(given.token), [given]);
  // Who may not list all claims names one.
  const [namespace, setNamespace] = useState<string>();
  const { claims, stream, retryNow } = useLiveClaims(api, namespace);
  const all = useMemo(() => claims && [...claims.values()], [claims]);
  return (
    <div class="app">
      <header class="top">
        <a class="brand" href="#">
          <Logo />
          dynvol
        </a>
        <ConnectionState stream={stream} />
      </header>
      {all && <CutBanner stream={stream} retryNow={retryNow} />}
      {stream.kind === 'unauthorized' ? (
        <TokenForm
          message={stream.error.message}
          wasRefused={token !== undefined}
          onToken={(next) => {
            setGiven({ token: next });
          }}
        />
      ) : all ? (
        <>
          {namespace !== undefined && (
            <NamespaceNote
              namespace={namespace}
              onLeave={() => {
                setNamespace(undefined);
              }}
            />
          )}
          <Claims api={api} claims={all} namespace={namespace} isLimited={token !== undefined} />
        </>
      ) : stream.kind === 'cut' ? (
        <ClaimsAway
          error={stream.error}
          namespace={namespace}
          onNamespace={(next) => {
            if (next === namespace) retryNow();
            else setNamespace(next);
          }}
          retryAtMs={stream.retryAtMs}
          retryNow={retryNow}
        />
      ) : (
        <main class="alone">
          <p class="reading">Connecting to the controller…</p>
        </main>
      )}
    </div>
  );
}

interface ClaimsProps {
  api: ConsoleApi;
  claims: ClaimSummary[];
  /** The one whose claims alone they are; undefined for all. */
  namespace: string | undefined;
  /** A token decides which claims are shown. */
  isLimited: boolean;
}

function Claims({ api, claims, namespace, isLimited }: ClaimsProps) {
  const [view, show] = useViewState();
  const { filter, claim: chosen } = view;
  const groups = useMemo(() => buildGroups(claims, filter), [claims, filter]);
  const choices = useMemo(() => buildChoices(claims, filter), [claims, filter]);
  const textInput = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useSlashKey(() => textInput.current?.focus());
  if (claims.length === 0 && !chosen) {
    return <NoClaims namespace={namespace} isLimited={isLimited} />;
  }

  const found = claims.find(
    ({ namespace, name }) => namespace === chosen?.namespace && name === chosen.name,
  );
  const back = buildHash({ filter });
  return (
    <div class={chosen ? 'columns with-claim' : 'columns'}>
      <div class="side" ref={list}>
        <FilterBar
          filter={filter}
          choices={choices}
          isOneNamespace={namespace !== undefined}
          textInput={textInput}
          onFilter={(next) => {
            show({ ...view, filter: next });
          }}
          onLeaveDown={() => list.current?.querySelector<HTMLElement>('.claim-row')?.focus()}
        />
        {groups.length > 0 ? (
          <ClaimList groups={groups} filter={filter} chosen={chosen} />
        ) : (
          <NoMatch
            total={claims.length}
            onClear={() => {
              show({ ...view, filter: NO_FILTER });
            }}
          />
        )}
      </div>
      <main class="main" id="main">
        {found && <ClaimView key={found.uid} api={api} claim={found} back={back} />}
        {chosen && !found && <ClaimGone claim={chosen} back={back} isLimited={isLimited} />}
        {!chosen && <Overview claims={claims} filter={filter} />}
      </main>
    </div>
  );
}

/** `/` as in Temporal's and many other lists; not while something is typed elsewhere. */
function useSlashKey(focus: () => void): void {
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.matches('input, select');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      focus();
    };
    addEventListener('keydown', onKey);
    return () => {
      removeEventListener('keydown', onKey);
    };
  });
}

function Logo() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <rect x="2" y="3" width="20" height="7" rx="2" />
      <path d="M12 10v4m0 0H5v3m7-3h7v3m-7-3v3" />
      <circle cx="5" cy="19.5" r="2" />
      <circle cx="12" cy="19.5" r="2" />
      <circle cx="19" cy="19.5" r="2" />
    </svg>
  );
}
