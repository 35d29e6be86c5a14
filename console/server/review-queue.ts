// Whose question about rights is asked next?
import { Slots } from '../../api/slots.ts';
import { ConsoleRefusal } from './refusal.ts';

/** Questions of all users that the API server is asked at the same time. */
const MAX_AT_ONCE = 16;

/** Of those, the most of one user: whoever asks much waits behind himself. */
const MAX_AT_ONCE_OF_USER = 8;

/** Questions of one user that are being asked or wait. */
const MAX_OF_USER = 100;

interface Line {
  slots: Slots;
  length: number;
}

/** Lets users ask in turn. */
export class ReviewQueue {
  readonly #slots = new Slots(MAX_AT_ONCE);
  readonly #lines = new Map<string, Line>();

  /** @throws ConsoleRefusal 503 too many questions of the user wait already */
  async run<T>(user: string, ask: () => Promise<T>): Promise<T> {
    const line = this.#lines.get(user) ?? { slots: new Slots(MAX_AT_ONCE_OF_USER), length: 0 };
    if (line.length >= MAX_OF_USER)
      throw new ConsoleRefusal(503, 'You ask too much at once; try again');
    this.#lines.set(user, line);
    line.length += 1;
    try {
      return await line.slots.run(() => this.#slots.run(ask));
    } finally {
      line.length -= 1;
      if (line.length === 0) this.#lines.delete(user);
    }
  }
}
