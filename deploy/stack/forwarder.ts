// How does a port of the host's loopback lead into the stack? Runs inside, with a listener from the host.
import { connect, type Server, type Socket } from 'node:net';
import { joinControlGroup } from './control-groups.ts';

/** A socket belongs to the network it was made in: accepted on the host, connected inside. */
function forward(from: Socket, host: string, port: number): void {
  const to = connect(port, host);
  from.pipe(to).pipe(from);
  for (const socket of [from, to]) {
    socket.on('error', () => {
      from.destroy();
      to.destroy();
    });
  }
}

joinControlGroup(0);
process.on('message', ({ host, port }: { host: string; port: number }, listener) => {
  (listener as Server).on('connection', (socket) => forward(socket, host, port));
  process.send?.('listening', undefined, undefined, () => process.disconnect());
});
