// Which claims are there, and how is each?
import type { ClaimSummary } from '../model/views.ts';
import type { ClaimGroup } from './filter-claims.ts';
import { Mark } from './mark.tsx';
import { PHASE_MARKS } from './marks.ts';
import { buildHash, type ClaimRef, type Filter } from './view-state.ts';

interface Props {
  groups: ClaimGroup[];
  filter: Filter;
  chosen: ClaimRef | undefined;
}

/** Links, so that a claim can be opened in another tab and sent to somebody; the arrow keys go from one to the next. */
export function ClaimList({ groups, filter, chosen }: Props) {
  return (
    <nav class="claims" aria-label="Claims" onKeyDown={moveByKey}>
      {groups.map(({ namespace, claims }) => (
        <section key={namespace} aria-label={`Namespace ${namespace}`}>
          <h2>{namespace}</h2>
          <ul>
            {claims.map((claim) => (
              <li key={claim.uid}>
                <ClaimRow
                  claim={claim}
                  address={buildHash({ filter, claim })}
                  isChosen={chosen?.name === claim.name && chosen.namespace === claim.namespace}
                />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

interface RowProps {
  claim: ClaimSummary;
  address: string;
  isChosen: boolean;
}

function ClaimRow({ claim, address, isChosen }: RowProps) {
  const { name, phase, reason, matched, attached } = claim;
  return (
    <a class="claim-row" href={address} aria-current={isChosen ? 'true' : undefined}>
      <Mark kind={PHASE_MARKS[phase]} />
      <span class="claim-name">{name}</span>
      <span class="claim-pods" title={`${attached} of ${matched} pods have the storage`}>
        {attached}/{matched}
      </span>
      <span class="claim-note">
        {phase === 'Ready' ? claim.mountpoint : describe(phase, reason)}
      </span>
    </a>
  );
}

function describe(phase: string, reason: string): string {
  return reason && reason !== phase ? `${phase}: ${reason}` : phase;
}

const STEPS: Record<string, (index: number, count: number) => number> = {
  ArrowDown: (index, count) => Math.min(index + 1, count - 1),
  ArrowUp: (index) => Math.max(index - 1, 0),
  Home: () => 0,
  End: (_index, count) => count - 1,
};

function moveByKey(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = STEPS[event.key];
  if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.claim-row')];
  const index = rows.findIndex((row) => row === document.activeElement);
  event.preventDefault();
  rows[step(index, rows.length)]?.focus();
}
