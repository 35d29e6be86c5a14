// Does a mount answer? Asked of the probe helper (probe.c), so that this process never waits for a FUSE daemon.
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { startProbeProcess } from './child-process.ts';
import type { Descriptor } from './descriptor.ts';
import {
  hasErrno,
  makeSocketPair,
  observeDeviceMinor,
  openReference,
  sendDescriptor,
} from './syscalls.ts';

const FRAME_BYTES = 8;
const KIND_ATTRIBUTES = 1;

/** What a probe found: `ok`, an errno such as `ENOTCONN` (dead), or `timeout` (hung). */
export type ProbeResult = 'ok' | 'timeout' | (string & {});

/** Finds out whether mounts answer. */
export interface Probe {
  /**
   * Asks the server behind a mount's root for its attributes. After a `timeout` the request is still waiting in the
   * helper: abort the FUSE connection, and the helper lets go of the mount.
   */
  observe(mount: Descriptor, deadlineMs: number): Promise<ProbeResult>;
  /** Ends the helper. */
  close(): void;
}

/** What `Probe.observe` resolves to when the helper has ended: nothing was found out. */
export const HELPER_ENDED = 'EPIPE';

/**
 * As `Probe.observe`, for the topmost mount at a path; `gone` if there is no such path. It is held no longer than the
 * question takes to be sent.
 */
export function observePath(probe: Probe, path: string, deadlineMs: number): Promise<ProbeResult> {
  try {
    using mount = openReference(path);
    return probe.observe(mount, deadlineMs);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return Promise.resolve('gone');
    throw error;
  }
}

interface HelperProcess {
  child: ChildProcess;
  socket: Socket;
  fd: number;
}

/** A probe whose helper is started at once, and again whenever it is needed and gone. */
export function startProbe(binary: string): Probe {
  const waiting = new Map<number, (result: ProbeResult) => void>();
  /** One question at a time for each file system: a hung one occupies one thread of the helper, not many. */
  const asking = new Map<number, Promise<ProbeResult>>();
  let lastId = 0;
  let helper: HelperProcess | undefined = startHelper();

  function startHelper(): HelperProcess {
    const [ours, theirs] = makeSocketPair();
    const child = startProbeProcess(binary, theirs);
    theirs[Symbol.dispose]();
    const started = { child, fd: ours.fd, socket: new Socket({ fd: ours.release() }) };
    child.on('error', () => started.socket.destroy());
    readAnswers(started.socket, (id, errno) => waiting.get(id)?.(nameResult(errno)));
    started.socket.on('close', () => {
      if (helper === started) helper = undefined;
      for (const settle of waiting.values()) settle(HELPER_ENDED);
    });
    return started;
  }

  /** Sends one request; settles when the server answers, however late that is. */
  function ask(mount: Descriptor): Promise<ProbeResult> {
    const request = Buffer.alloc(FRAME_BYTES);
    const id = ++lastId;
    request.writeUInt32LE(id, 0);
    request.writeUInt32LE(KIND_ATTRIBUTES, 4);
    // The number of a closed socket may be another file's already.
    if (helper === undefined || helper.socket.destroyed) helper = startHelper();
    sendDescriptor(helper.fd, request, mount);
    return new Promise((resolve) => {
      waiting.set(id, (result) => {
        waiting.delete(id);
        resolve(result);
      });
    });
  }

  function observe(mount: Descriptor, deadlineMs: number): Promise<ProbeResult> {
    const device = observeDeviceMinor(mount);
    const asked = asking.get(device) ?? ask(mount).finally(() => asking.delete(device));
    asking.set(device, asked);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve('timeout'), deadlineMs);
      asked.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  return { observe, close: () => helper?.socket.destroy() };
}

function nameResult(errno: number): ProbeResult {
  return errno === 0 ? 'ok' : getSystemErrorName(-errno);
}

function readAnswers(socket: Socket, take: (id: number, errno: number) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (; rest.length >= FRAME_BYTES; rest = rest.subarray(FRAME_BYTES))
      take(rest.readUInt32LE(0), rest.readInt32LE(4));
  });
}
