// How is an error told in one sentence? (pure)

const MAX_DEPTH = 5;

/** The error's message with those of its causes, on one line; never a stack. */
export function describeError(error: unknown): string {
  return [...listMessages(error, 0)].join(': ').replaceAll(/\s*\n\s*/g, ' ');
}

/** A message that repeats its cause is told once. */
function* listMessages(error: unknown, depth: number): Generator<string> {
  if (!(error instanceof Error)) {
    yield String(error);
    return;
  }
  const message = describeOne(error);
  yield message;
  const { cause } = error;
  if (!(cause instanceof Error) || depth >= MAX_DEPTH) return;
  if (!message.includes(describeOne(cause))) yield* listMessages(cause, depth + 1);
}

/** Node's own error for a connection that failed at every address has no message. */
function describeOne(error: Error): string {
  if (error.message !== '') return error.message;
  return error instanceof AggregateError ? error.errors.map(String).join('; ') : error.name;
}
