// How does a person choose which claims are listed?
import type { RefObject } from 'preact';
import type { FilterChoices } from './filter-claims.ts';
import { Mark } from './mark.tsx';
import { PHASE_MARKS } from './marks.ts';
import { PHASES, type Filter } from './view-state.ts';

interface Props {
  filter: Filter;
  choices: FilterChoices;
  /** All claims are of one. */
  isOneNamespace: boolean;
  textInput: RefObject<HTMLInputElement | null>;
  onFilter: (filter: Filter) => void;
  /** Down from the text field goes into the list. */
  onLeaveDown: () => void;
}

export function FilterBar(props: Props) {
  const { filter, choices, isOneNamespace, textInput, onFilter, onLeaveDown } = props;
  const change = (changes: Partial<Filter>) => {
    onFilter({ ...filter, ...changes });
  };
  return (
    <search class="filter">
      <input
        ref={textInput}
        type="search"
        aria-label="Filter claims by text"
        aria-keyshortcuts="/"
        placeholder="Filter by text  ( / )"
        value={filter.text}
        onInput={(event) => {
          change({ text: event.currentTarget.value });
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') {
            event.preventDefault();
            onLeaveDown();
          }
        }}
      />
      <div class="filter-row">
        {!isOneNamespace && (
          <Choice
            label="Namespace"
            all="all namespaces"
            value={filter.namespace}
            values={choices.namespaces}
            onChoose={(namespace) => {
              change({ namespace });
            }}
          />
        )}
        <Choice
          label="Class"
          all="all classes"
          value={filter.className}
          values={choices.classNames}
          onChoose={(className) => {
            change({ className });
          }}
        />
      </div>
      <div class="phases" role="group" aria-label="Filter claims by phase">
        <button
          type="button"
          class="phase"
          aria-pressed={filter.phase === ''}
          onClick={() => {
            change({ phase: '' });
          }}
        >
          All <b>{choices.total}</b>
        </button>
        {PHASES.filter((phase) => choices.counts[phase] > 0 || filter.phase === phase).map(
          (phase) => (
            <button
              key={phase}
              type="button"
              class="phase"
              aria-pressed={filter.phase === phase}
              onClick={() => {
                change({ phase: filter.phase === phase ? '' : phase });
              }}
            >
              <Mark kind={PHASE_MARKS[phase]} />
              {phase} <b>{choices.counts[phase]}</b>
            </button>
          ),
        )}
      </div>
    </search>
  );
}

interface ChoiceProps {
  label: string;
  /** What the open choice is called. */
  all: string;
  value: string;
  values: string[];
  onChoose: (value: string) => void;
}

function Choice({ label, all, value, values, onChoose }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => {
        onChoose(event.currentTarget.value);
      }}
    >
      <option value="">{all}</option>
      {values.map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}
