// Is a stream of an agent read as it comes, and ended when nobody reads on?
import { join } from 'node:path';
import {
  Client,
  credentials,
  loadPackageDefinition,
  Server,
  ServerCredentials,
  status,
} from '@grpc/grpc-js';
import type {
  MethodDefinition,
  ServerWritableStream,
  ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, describe, expect, it } from 'vitest';
import { readStream } from '../../../activities/agent-stream.ts';
import { PROTO_OPTIONS } from '../../../api/node-agent.ts';
import type { SourceReport } from '../../../api/node-agent.ts';

type Call = ServerWritableStream<object, SourceReport>;

const { service } = (
  loadPackageDefinition(
    loadSync(join(import.meta.dirname, '../../../api/proto/node-agent.proto'), PROTO_OPTIONS),
  ) as unknown as { dynvol: { node: { v1: { NodeAgent: ServiceClientConstructor } } } }
).dynvol.node.v1.NodeAgent;
const method = service['Watch'] as unknown as MethodDefinition<object, object>;

const servers: Server[] = [];
const clients: Client[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) server.forceShutdown();
});

/** Reads from an agent that behaves so. */
async function read(watch: (call: Call) => void, signal = new AbortController().signal) {
  const server = new Server();
  servers.push(server);
  const unused = () => {};
  server.addService(service, { Attach: unused, Detach: unused, List: unused, Watch: watch });
  const { promise, resolve } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, port) =>
    resolve(port),
  );
  const client = new Client(`127.0.0.1:${await promise}`, credentials.createInsecure());
  clients.push(client);
  return readStream(client, method, {}, { node: 'node1', address: '127.0.0.1', signal });
}

const REPORT: SourceReport = {
  sourceKey: 'aa.bb',
  state: 'hung',
  code: '',
  message: 'no answer for 15 s',
  targets: [{ podUid: 'p', mountpoint: 'data', sourceKey: 'aa.bb', readOnly: true }],
};

describe('readStream', () => {
  it('yields each message, and ends with the call', async () => {
    const stream = await read((call) => {
      call.write(REPORT);
      call.write({ ...REPORT, state: 'recovered' });
      call.end();
    });

    const states: unknown[] = [];
    for await (const report of stream) states.push((report as SourceReport).state);

    expect(states).toEqual(['hung', 'recovered']);
  });

  it('carries a message as it is', async () => {
    const stream = await read((call) => call.write(REPORT));

    expect((await stream.next()).value).toEqual(REPORT);
  });

  it('tells why the agent ended the call', async () => {
    const stream = await read((call) =>
      call.emit('error', { code: status.UNAVAILABLE, details: 'going away' }),
    );

    await expect(stream.next()).rejects.toMatchObject({
      code: 'AGENT_UNREACHABLE',
      message: expect.stringMatching(/node1 .*going away/),
    });
  });

  it('cancels the call when its signal aborts', async () => {
    const cancelled = Promise.withResolvers<void>();
    const controller = new AbortController();
    const stream = await read((call) => {
      call.on('cancelled', () => cancelled.resolve());
      call.write(REPORT);
    }, controller.signal);
    await stream.next();

    const next = stream.next();
    controller.abort(new Error('enough'));

    await expect(next).rejects.toThrow('enough');
    await cancelled.promise;
  });

  it('cancels the call when nobody reads on', async () => {
    const cancelled = Promise.withResolvers<void>();
    const stream = await read((call) => {
      call.on('cancelled', () => cancelled.resolve());
      call.write(REPORT);
    });
    await stream.next();

    await stream.return();

    await cancelled.promise;
  });
});
