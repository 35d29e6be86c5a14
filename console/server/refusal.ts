// Why is a request to the console not answered?

/** Becomes an `ErrorAnswer`: the message is for the person who asked. */
export class ConsoleRefusal extends Error {
  /** HTTP status. */
  readonly status: number;

  constructor(status: 400 | 401 | 403 | 404 | 503, message: string) {
    super(message);
    this.name = 'ConsoleRefusal';
    this.status = status;
  }
}
