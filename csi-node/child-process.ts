// Which child processes does the agent have? Only the probe helper, started once.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Descriptor } from './descriptor.ts';

/** Starts the probe helper with its end of the socket pair as descriptor 3. It ends with this process. */
export function startProbeProcess(binary: string, socket: Descriptor): ChildProcess {
  return spawn(binary, [], { env: {}, stdio: ['ignore', 'inherit', 'inherit', socket.fd] });
}
