// How is an error told in one sentence? (pure)

const MAX_DEPTH = 5;

/** The error's message with those of its causes, on one line; never a stack. */
export function describeError(error: unknown): string {
  return listMessages(error, 0)
    .reduce(addMessage)
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** Messages of the error and its causes. */
function listMessages(error: unknown, depth: number): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const { cause } = error;
  const isLast = !(cause instanceof Error) || depth >= MAX_DEPTH;
  return [describeOne(error), ...(isLast ? [] : listMessages(cause, depth + 1))];
}

/** A cause that was repeated by what it led to is told once. */
function addMessage(told: string, message: string): string {
  return told.includes(message) ? told : `${told}: ${message}`;
}

/** Node's own error for a connection that failed at every address has no message. */
function describeOne(error: Error): string {
  if (error.message !== '') return error.message;
  return error instanceof AggregateError ? error.errors.map(String).join('; ') : error.name;
}
