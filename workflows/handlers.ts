// How does a claim's workflow answer the messages that reach it?
import { ApplicationFailure, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { COMMANDS } from '../api/names.ts';
import { applyCommand, noteIgnored, validateCommand } from './commands.ts';
import type { CommandFacts, CommandKind } from './commands.ts';
import { buildExplanation } from './explain.ts';
import { asksForRecheck, noteCommand, noteSignal } from './intent.ts';
import { show } from './life.ts';
import type { Life } from './life.ts';
import {
  attachSignal,
  attachUpdate,
  detachSignal,
  detachUpdate,
  explainQuery,
  reconcileSignal,
  remountSignal,
  remountUpdate,
  statusQuery,
} from './messages.ts';
import type { WorkflowStatus } from './messages.ts';
import { noteDoubt } from './state.ts';

/** Sets all handlers; to be called before the workflow first waits for anything. */
export function answerMessages(life: Life): void {
  const { state, intent } = life;
  setHandler(reconcileSignal, (signal?: unknown) => {
    if (asksForRecheck(signal)) noteDoubt(state);
    noteSignal(intent, signal);
  });
  setHandler(statusQuery, () => buildWorkflowStatus(life));
  setHandler(explainQuery, () =>
    buildExplanation({
      ...life,
      steering: state.steering,
      status: life.status,
      deleting: intent.deleting,
    }),
  );
  setHandler(remountSignal, (argument?: unknown) => obey(life, 'remount', argument));
  setHandler(detachSignal, (argument?: unknown) => obey(life, 'detach', argument));
  setHandler(attachSignal, (argument?: unknown) => obey(life, 'attach', argument));
  setHandler(remountUpdate, ...answerUpdate(life, 'remount'));
  setHandler(detachUpdate, ...answerUpdate(life, 'detach'));
  setHandler(attachUpdate, ...answerUpdate(life, 'attach'));
  setDefaultSignalHandler((name) => {
    const known = Object.values(COMMANDS).join(', ');
    ignore(life, name, `there is no such signal; send one of ${known}`);
  });
}

function buildWorkflowStatus({ state, intent }: Life): WorkflowStatus {
  return {
    generation: state.generation,
    deleting: intent.deleting,
    mounts: state.mounts,
    steering: state.steering,
    ...(state.written ? { status: state.written } : {}),
  };
}

/** A signal has no answer: one that makes no sense is told to whoever looks. */
function obey(life: Life, kind: CommandKind, argument: unknown): void {
  const refusal = validateCommand(kind, argument, readFacts(life));
  if (refusal === undefined) carryOut(life, kind, argument);
  else ignore(life, kind, refusal);
}

function ignore(life: Life, command: string, why: string): void {
  noteIgnored(life.state.steering, command, why);
  show(life, {});
}

/** What the validator refuses leaves no event in the history. */
function answerUpdate(life: Life, kind: CommandKind) {
  const validator = (argument?: unknown): void => {
    const refusal = validateCommand(kind, argument, readFacts(life));
    if (refusal !== undefined) throw ApplicationFailure.nonRetryable(refusal, 'CommandRefused');
  };
  const handler = (argument?: unknown): string => carryOut(life, kind, argument);
  return [handler, { validator }] as const;
}

function carryOut(life: Life, kind: CommandKind, argument: unknown): string {
  const answer = applyCommand(kind, argument, readFacts(life), Date.now());
  if (kind !== 'remount') life.mayBeDetached = false;
  noteCommand(life.intent);
  return answer;
}

function readFacts({ state, intent, mayBeDetached }: Life): CommandFacts {
  return { steering: state.steering, deleting: intent.deleting, unknown: mayBeDetached };
}
