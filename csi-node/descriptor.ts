// Who closes a file descriptor?
import { closeSync } from 'node:fs';

/** An open file descriptor; `using` closes it, so that no mount stays busy because of us. */
export class Descriptor implements Disposable {
  readonly fd: number;
  #open = true;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** The file again, as a path: shorter than the 108 bytes of a socket address, and never another file. */
  get path(): string {
    return `/proc/self/fd/${this.fd}`;
  }

  /** Gives the descriptor to a new owner, who closes it. */
  release(): number {
    this.#open = false;
    return this.fd;
  }

  [Symbol.dispose](): void {
    if (this.#open) closeSync(this.fd);
    this.#open = false;
  }
}
