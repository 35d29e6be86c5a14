// How does the trace of a claim's last event reach its activities?
//
// Bytes are passed on unread, and all of them come from the history: with tracing on or off, and in a replay, the workflow
// does the same.
import type { Headers, WorkflowInterceptors } from '@temporalio/workflow';
import { TRACE_HEADER } from '../api/names.ts';

/** For each run of a workflow: the header of its start or latest signal goes to whatever it asks for from then on. */
export const interceptors = (): WorkflowInterceptors => {
  let latest: Headers = {};

  const take = ({ headers }: { headers: Headers }): void => {
    const header = headers[TRACE_HEADER];
    if (header !== undefined) latest = { [TRACE_HEADER]: header };
  };
  const give = <T extends { headers: Headers }>(input: T): T => ({
    ...input,
    headers: { ...input.headers, ...latest },
  });

  return {
    inbound: [
      {
        execute(input, next) {
          take(input);
          return next(input);
        },
        handleSignal(input, next) {
          take(input);
          return next(input);
        },
        handleUpdate(input, next) {
          take(input);
          return next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(give(input)),
        scheduleLocalActivity: (input, next) => next(give(input)),
        continueAsNew: (input, next) => next(give(input)),
      },
    ],
  };
};
