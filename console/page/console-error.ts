// Why did the console's API not answer?

/** `unavailable`: the controller answers, and something behind it does not. */
export type ConsoleErrorKind =
  'unauthorized' | 'forbidden' | 'not-found' | 'unavailable' | 'unreachable';

/** The message is a sentence for a person. */
export class ConsoleError extends Error {
  readonly kind: ConsoleErrorKind;

  constructor(kind: ConsoleErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ConsoleError';
    this.kind = kind;
  }

  /** Whatever was thrown; what is not ours is a connection that broke. */
  static from(thrown: unknown): ConsoleError {
    if (thrown instanceof ConsoleError) return thrown;
    return new ConsoleError('unreachable', 'The connection to the controller broke.', {
      cause: thrown,
    });
  }
}

export function kindOfStatus(status: number): ConsoleErrorKind {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  return 'unavailable';
}
