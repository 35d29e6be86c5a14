// What is known of one claim?
import { useCallback, useEffect } from 'preact/hooks';
import type { ClaimDetail, ClaimSummary, Timeline } from '../model/views.ts';
import { Ago } from './ago.tsx';
import { Commands } from './commands.tsx';
import { Conditions } from './conditions.tsx';
import type { ConsoleApi } from './console-api.ts';
import { Mark } from './mark.tsx';
import { PHASE_MARKS } from './marks.ts';
import { listNews } from './list-news.ts';
import { Notice } from './notice.tsx';
import { PodTroubles } from './pod-troubles.tsx';
import { TimelineView } from './timeline-view.tsx';
import { TopologyView } from './topology-view.tsx';
import { useReading, type Reading } from './use-reading.ts';

interface Props {
  api: ConsoleApi;
  claim: ClaimSummary;
  /** Address of the list without a claim. */
  back: string;
}

export function ClaimView({ api, claim, back }: Props) {
  const { namespace, name, uid } = claim;
  useEffect(() => {
    document.title = `${name} · dynvol`;
    // On a phone it takes the place of a list that may have been scrolled.
    scrollTo(0, 0);
    return () => {
      document.title = 'dynvol';
    };
  }, [name]);
  const readClaim = useCallback(
    (signal: AbortSignal) => api.readClaim({ namespace, name }, signal),
    [api, namespace, name],
  );
  const readTimeline = useCallback(
    (signal: AbortSignal) => api.readTimeline({ namespace, name }, signal),
    [api, namespace, name],
  );
  const detail = useReading(uid, claim, readClaim, isUnsettled);
  const timeline = useReading(uid, claim, readTimeline, hasOpenWork);
  return (
    <article class="claim" aria-labelledby="claim-title">
      <a class="back" href={back}>
        ‹ All claims
      </a>
      <ClaimHead claim={claim} />
      <div class="claim-body">
        <div class="claim-main">
          <DetailSections detail={detail} />
          <Commands claim={claim} />
        </div>
        <TimelineView timeline={timeline} workflow={claim.workflow} />
      </div>
    </article>
  );
}

function isUnsettled({ phase, explanation }: ClaimDetail): boolean {
  return phase === 'Reconciling' || phase === 'Deleting' || explanation === undefined;
}

/** What goes on in a workflow for a while ends without any news of the claim. */
function hasOpenWork({ entries }: Timeline): boolean {
  const kinds = ['look', 'work', 'status'];
  return entries.some(({ kind, outcome }) => outcome === 'open' && kinds.includes(kind));
}

function ClaimHead({ claim }: { claim: ClaimSummary }) {
  return (
    <header class="claim-head">
      <h1 id="claim-title">
        <span class="claim-namespace">{claim.namespace}/</span>
        {claim.name}
      </h1>
      <p class={`verdict verdict-${PHASE_MARKS[claim.phase]}`} aria-live="polite">
        <Mark kind={PHASE_MARKS[claim.phase]} />
        <span>
          <strong>{claim.phase}</strong> <code>{claim.reason}</code>
        </span>
        <span class="verdict-message">{claim.message || 'Nobody has looked at it yet.'}</span>
      </p>
      <dl class="facts">
        <Fact title="Storage" text={`${claim.provider} ${claim.storage}`} />
        <Fact title="Endpoint" text={claim.endpoint} />
        <Fact
          title="Mountpoint"
          text={`${claim.mountpoint}${claim.readOnly ? ' (read-only)' : ''}`}
        />
        <Fact title="Class" text={claim.className || 'not known yet'} />
        <Fact title="Pods" text={describePods(claim)} />
        <div>
          <dt>Created</dt>
          <dd>
            <Ago at={claim.createdAt} />
          </dd>
        </div>
      </dl>
    </header>
  );
}

function Fact({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function describePods({ matched, attached, failed, notInjected }: ClaimSummary): string {
  const more = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(notInjected > 0 ? [`${notInjected} not injected`] : []),
  ];
  return [`${attached} of ${matched} attached`, ...more].join(', ');
}

function DetailSections({ detail: { value, error } }: { detail: Reading<ClaimDetail> }) {
  if (!value) {
    if (!error) return <p class="reading">Reading the claim…</p>;
    return <Notice kind="failed" title="The claim cannot be read" text={error.message} />;
  }
  return (
    <>
      <section>
        <h2>Where it is</h2>
        <TopologyView detail={value} />
        <PodTroubles pods={value.pods} claimMessage={value.message} />
      </section>
      <section>
        <h2>Explanation</h2>
        <Explanation text={value.explanation} claimMessage={value.message} />
      </section>
      <Conditions conditions={value.conditions} />
    </>
  );
}

interface ExplanationProps {
  text: string | undefined;
  /** Told above already. */
  claimMessage: string;
}

function Explanation({ text, claimMessage }: ExplanationProps) {
  if (text === undefined) {
    return (
      <Notice
        kind="waiting"
        title="No explanation at the moment"
        text="Temporal, or the claim's workflow, does not answer; it is asked again by itself. Mounts go on serving without it, and the conditions below are still true."
      />
    );
  }
  return (
    <ul class="explanation">
      {listNews(text, claimMessage).map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
