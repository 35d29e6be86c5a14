// Does a port of this machine lead to a port of a pod, and tell when it does not?
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  explainBrokenForward,
  openPortForward,
  PortForwardError,
} from '../../../cli/port-forward.ts';
import type { PortForwarding } from '../../../cli/port-forward.ts';
import { FakePodPorts } from '../../fakes/fake-pod-ports.ts';
import { waitUntil } from '../../wait-until.ts';

const target = { namespace: 'dynvol-system', pod: 'controller-a', port: 9815 };

let cluster: FakePodPorts;
let pod: Server;
let taken: Socket[];
let forward: PortForwarding;
beforeEach(async () => {
  taken = [];
  pod = createServer((socket) => taken.push(socket));
  pod.listen(0, '127.0.0.1');
  await once(pod, 'listening');
  cluster = await FakePodPorts.start();
  cluster.ports.set('dynvol-system/controller-a:9815', (pod.address() as AddressInfo).port);
  forward = await openPortForward(cluster.kubeConfig, target);
});
afterEach(async () => {
  forward.close();
  for (const socket of taken) socket.destroy();
  pod.close();
  await cluster.stop();
});

async function dial(): Promise<Socket> {
  const socket = connect(forward.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

describe('openPortForward', () => {
  it('passes on what both ends say, for each connection by itself', async () => {
    pod.on('connection', (socket: Socket) => {
      socket.on('data', (data) => socket.end(`you said ${data.toString()}`));
    });
    const [one, other] = [await dial(), await dial()];

    one.write('one');
    other.write('other');

    expect(await text(one)).toBe('you said one');
    expect(await text(other)).toBe('you said other');
    expect(forward.broken.aborted).toBe(false);
  });

  it('loses nothing of an answer that is longer than a frame', async () => {
    const long = 'x'.repeat(1_000_000);
    pod.on('connection', (socket: Socket) => socket.end(long));

    expect(await text(await dial())).toBe(long);
  });

  it("ends the pod's end with ours", async () => {
    const socket = await dial();
    await waitUntil('the pod has the connection', () => taken.length === 1);

    socket.destroy();

    await waitUntil('the connection in the pod is closed', () => taken[0]?.destroyed === true);
  });

  it('asks nothing of the API server before somebody connects', async () => {
    cluster.refuse = 403;
    const unused = await openPortForward(cluster.kubeConfig, target);

    unused.close();

    expect(unused.broken.aborted).toBe(false);
  });

  it('closes every connection with the listener', async () => {
    const socket = await dial();
    await waitUntil('the pod has the connection', () => taken.length === 1);

    forward.close();
    forward.close();

    await waitUntil('ours is closed', () => socket.destroyed);
    await expect(dial()).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a connection that cannot be led to the pod', () => {
  it.each([
    [
      'the API server refuses',
      () => (cluster.refuse = 403),
      'you may not; ask for "get" and "create"',
    ],
    ['nothing listens in the pod', () => cluster.ports.clear(), 'connection refused'],
  ])('is cut, and the reason is told, where %s', async (_why, prepare, says) => {
    prepare();

    await text(await dial()).catch(() => undefined);

    await waitUntil('it is told', () => forward.broken.aborted);
    expect(forward.broken.reason).toBeInstanceOf(PortForwardError);
    expect(String(forward.broken.reason)).toContain(says);
    expect(String(forward.broken.reason)).toContain('Port 9815 of pod dynvol-system/controller-a');
  });
});

describe('explainBrokenForward', () => {
  it.each([
    ['Unexpected server response: 401', 'log in again'],
    ['Unexpected server response: 403', 'pods/portforward in namespace dynvol-system'],
    ['Unexpected server response: 404', 'the pod is gone'],
    ['connect ECONNREFUSED 127.0.0.1:6443', 'connect ECONNREFUSED 127.0.0.1:6443'],
  ])('of "%s" says: %s', (message, says) => {
    expect(explainBrokenForward(target, message)).toContain(says);
  });
});
