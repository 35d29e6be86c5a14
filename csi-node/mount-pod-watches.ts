// When does a mount pod's storage client end, or have news of its sources? (verb WATCH of mount-pod/mount-pod.c)
import { Socket } from 'node:net';
import { connectToFirstProcess } from './mount-pod.ts';

/** What PID 1 says when its rclone has ended. */
const DOWN = /^DOWN (signal|status) (\d{1,3})$/;
const MAX_LINE = 128;

/** A sentence for a person, or undefined for any other line. The mount pod is not trusted. */
export function describeEnd(mountPodUid: string, line: string): string | undefined {
  const [, how, number] = DOWN.exec(line) ?? [];
  if (how === undefined) return undefined;
  const what = how === 'signal' ? `was ended by signal ${number}` : `ended with status ${number}`;
  return `The storage client of mount pod ${mountPodUid} ${what}`;
}

/** Calls `take` for each complete line; what has no end in time is dropped. */
function readLines(socket: Socket, take: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    lines.forEach(take);
  });
}

/** Is told what happens in mount pods. */
export interface WatchListener {
  /** A storage client has ended, or its mount pod with it; the cause is a sentence. */
  ended(mountPodUid: string, cause: string): void;
  /** It was started again, and will listen soon. */
  started(mountPodUid: string): void;
  /** The storage of one of its sources fails, or serves again. */
  hasNews(mountPodUid: string): void;
}

/**
 * One open connection to PID 1 of each mount pod that serves something. It only makes recovery quick: what is missed
 * between two connections, the watchdog finds.
 */
export class MountPodWatches {
  readonly #open = new Map<string, Socket>();
  readonly #listener: WatchListener;

  constructor(listener: WatchListener) {
    this.#listener = listener;
  }

  /** Watches these mount pods and no others; one that cannot be reached now is left for the next call. */
  keep(mountPodUids: Set<string>): void {
    for (const uid of this.#open.keys()) if (!mountPodUids.has(uid)) this.#close(uid);
    for (const uid of mountPodUids) if (!this.#open.has(uid)) this.#watch(uid);
  }

  #watch(mountPodUid: string): void {
    let fd: number;
    try {
      fd = connectToFirstProcess(mountPodUid).release();
    } catch {
      return; // it is gone, or behind with its work
    }
    const socket = new Socket({ fd });
    this.#open.set(mountPodUid, socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (this.#open.get(mountPodUid) !== socket) return;
      this.#open.delete(mountPodUid);
      this.#listener.ended(mountPodUid, `Mount pod ${mountPodUid} has ended`);
    });
    readLines(socket, (line) => {
      const cause = describeEnd(mountPodUid, line);
      if (cause !== undefined) this.#listener.ended(mountPodUid, cause);
      if (line === 'UP') this.#listener.started(mountPodUid);
      if (line === 'NEWS') this.#listener.hasNews(mountPodUid);
    });
    socket.write('WATCH\n');
  }

  #close(mountPodUid: string): void {
    const socket = this.#open.get(mountPodUid);
    this.#open.delete(mountPodUid);
    socket?.destroy();
  }
}
