// What has happened to the claim?
import { useState } from 'preact/hooks';
import type { ClaimSummary, Timeline, TimelineEntry } from '../model/views.ts';
import { Ago } from './ago.tsx';
import { Mark } from './mark.tsx';
import { isAside, markEntry } from './marks.ts';
import { Notice } from './notice.tsx';
import { formatDuration } from './relative-time.ts';
import { safeLink } from './safe-link.ts';
import type { Reading } from './use-reading.ts';

/** Entries that are shown before somebody asks for more. */
const SHOWN = 30;

interface Props {
  timeline: Reading<Timeline>;
  workflow: ClaimSummary['workflow'];
}

export function TimelineView({ timeline: { value, error }, workflow }: Props) {
  const [isWhole, setWhole] = useState(false);
  const newestFirst = value?.entries.toReversed() ?? [];
  const shown = isWhole ? newestFirst : newestFirst.slice(0, SHOWN);
  const isHidden = shown.length < newestFirst.length;
  return (
    <section class="timeline" aria-label="Timeline">
      <h2>Timeline</h2>
      {workflow && <WorkflowLink {...workflow} />}
      {error && <TimelineAway message={error.message} isOld={value !== undefined} />}
      {!value && !error && <p class="reading">Reading the history…</p>}
      <ol reversed>
        {shown.map((entry) => (
          <Entry key={entry.eventId} entry={entry} />
        ))}
      </ol>
      {isHidden && (
        <button
          type="button"
          onClick={() => {
            setWhole(true);
          }}
        >
          Show all {newestFirst.length} entries
        </button>
      )}
    </section>
  );
}

function WorkflowLink({ id, url }: NonNullable<ClaimSummary['workflow']>) {
  const address = safeLink(url);
  if (!address) return <p class="workflow faint">Temporal workflow {id}</p>;
  return (
    <a class="workflow" href={address} target="_blank" rel="noreferrer">
      Open in Temporal ↗
    </a>
  );
}

function TimelineAway({ message, isOld }: { message: string; isOld: boolean }) {
  const rest = isOld ? ' Below is what it told before.' : '';
  return (
    <Notice
      kind="waiting"
      title="No history at the moment"
      text={`${message} It is asked again by itself.${rest}`}
    />
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const { at, title, outcome, durationMs, attempt, detail } = entry;
  const notes = [
    ...(outcome === 'done' ? [] : [outcome === 'open' ? 'goes on' : outcome]),
    ...(durationMs === undefined ? [] : [formatDuration(durationMs)]),
    ...(attempt === undefined ? [] : [`attempt ${attempt}`]),
  ];
  return (
    <li class="entry">
      <Mark kind={markEntry(entry)} />
      <div class="entry-head">
        <span>
          <span class={isAside(entry) ? 'faint' : ''}>{title}</span>{' '}
          {notes.length > 0 && <span class="entry-notes">{notes.join(' · ')}</span>}
        </span>
        <Ago at={at} suffix="" />
      </div>
      {detail && <p class={outcome === 'failed' ? 'entry-failure' : 'entry-detail'}>{detail}</p>}
    </li>
  );
}
