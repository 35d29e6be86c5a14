// How is a loopback port of the host opened onto the stack?
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { buildEnterArgv } from './namespaces.ts';
import { startDetached } from './shell.ts';
import { stackPaths } from './stack-paths.ts';

const program = fileURLToPath(new URL('./forwarder.ts', import.meta.url));

/**
 * Listens on the host's loopback and hands the listener to a process inside the stack, with which it ends.
 *
 * @param wantedPort taken when it is free, any other otherwise
 * @returns the port
 */
export async function startForward(
  holderPid: number,
  wantedPort: number,
  target: { host: string; port: number },
): Promise<number> {
  const listener = await listen(wantedPort).catch(() => listen(0));
  const argv = buildEnterArgv(holderPid, [process.execPath, program], '/');
  const child = startDetached(argv, {
    logFile: `${stackPaths.logs}/forwarder.log`,
    withChannel: true,
  });
  child.send(target, listener);
  await once(child, 'message', { signal: AbortSignal.timeout(10_000) });
  child.unref();
  const { port } = listener.address() as AddressInfo;
  listener.close();
  return port;
}

async function listen(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
