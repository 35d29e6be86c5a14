// Does the client of the node agents speak only with agents, and give up when it is told to?
import { mkdtempSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { Client, loadPackageDefinition, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { handleUnaryCall, ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { buildAgentIdentity, CONTROLLER_IDENTITY } from '../../../api/names.ts';
import { PROTO_OPTIONS } from '../../../api/node-agent.ts';
import type {
  AttachRequest,
  AttachResponse,
  ListRequest,
  ListResponse,
} from '../../../api/node-agent.ts';
import { createNodeAgents } from '../../../activities/node-agents.ts';
import type { NodeAgents } from '../../../activities/node-agents.ts';
import { signCertificate } from '../../../enrolment/sign-certificate.ts';
import { aKeyPair, openAuthority } from '../../builders/enrolment.ts';
import { CLAIM } from '../../builders/objects.ts';
import { Authority } from '../../node/certificates.ts';

const protoDir = join(import.meta.dirname, '../../../api/proto');
const request: AttachRequest = {
  claim: { ...CLAIM, generation: 3 },
  attachments: [
    {
      sourceKey: 'aa.bb',
      mountPodUid: 'mp',
      s3: {
        bucket: 'b',
        endpoint: 'e',
        prefix: 'p',
        region: 'r',
        accessKeyId: 'id',
        secretAccessKey: 'hidden',
        sessionToken: 'token',
        caCert: '',
      },
      writeMode: 'cached',
      targets: [{ podUid: 'p', mountpoint: 'data', readOnly: true, replacesSourceKey: '' }],
    },
  ],
  replacedMountPods: [{ uid: 'mp', sharingKey: 'aa', writeMode: 'sequential' }],
  vanishedClaimUids: [],
};

/** Certificates with which nobody is the agent of node1. */
async function issueUseless(): Promise<void> {
  const name = buildAgentIdentity('node1');
  await authority.issue('other-node', `DNS:${buildAgentIdentity('node3')}`);
  await authority.issue('former', 'DNS:csi-node.dynvol');
  const { publicKey, privateKey } = aKeyPair();
  const agent = { nodeName: 'node1', publicKey };
  // The second in which it was made is its last one.
  writeFileSync(
    join(dir, 'expired.crt'),
    await signCertificate(openAuthority(authority), agent, 1),
  );
  writeFileSync(join(dir, 'expired.key'), privateKey);
  const foreign = await Authority.make(mkdtempSync(join(dir, 'foreign-')));
  const { crt, key } = await foreign.issue('foreign', `DNS:${name}`);
  copyFileSync(crt, join(dir, 'foreign.crt'));
  copyFileSync(key, join(dir, 'foreign.key'));
}

type Attach = handleUnaryCall<AttachRequest, AttachResponse>;

let dir: string;
let authority: Authority;
const servers: Server[] = [];
const clients: NodeAgents[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dynvol-agents-'));
  authority = await Authority.make(dir);
  const names = ['node1', 'node2'].map((node) => `DNS:${buildAgentIdentity(node)}`);
  await authority.issue('agent', names.join());
  await issueUseless();
  const { crt, key } = await authority.issue('controller', `DNS:${CONTROLLER_IDENTITY}`);
  copyFileSync(crt, join(dir, 'tls.crt'));
  copyFileSync(key, join(dir, 'tls.key'));
});

afterAll(() => {
  for (const client of clients) client.close();
  for (const server of servers) server.forceShutdown();
  rmSync(dir, { recursive: true });
});

/** An agent on a port of its own, with the certificate of that name. */
async function anAgent(
  attach: Attach,
  certificate = 'agent',
  list: handleUnaryCall<ListRequest, ListResponse> = () => {},
): Promise<number> {
  const loaded = loadPackageDefinition(
    loadSync(join(protoDir, 'node-agent.proto'), PROTO_OPTIONS),
  ) as unknown as { dynvol: { node: { v1: { NodeAgent: ServiceClientConstructor } } } };
  const server = new Server();
  servers.push(server);
  server.addService(loaded.dynvol.node.v1.NodeAgent.service, { Attach: attach, List: list });
  const read = (file: string) => readFileSync(join(dir, file));
  const credentials = ServerCredentials.createSsl(
    read('ca.crt'),
    [{ cert_chain: read(`${certificate}.crt`), private_key: read(`${certificate}.key`) }],
    true,
  );
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

function aClient(port: number, address: string | undefined = '127.0.0.1'): NodeAgents {
  const client = createNodeAgents({ view: { agentAddress: () => address }, tlsDir: dir, port });
  clients.push(client);
  return client;
}

const how = (signal = new AbortController().signal, deadlineMs = 2_000) => ({ signal, deadlineMs });

describe('createNodeAgents', () => {
  it('carries request and answer as they are', async () => {
    const holder = { podUid: 'p', containerId: 'c', pid: 7, command: 'tail', path: '/data/x' };
    const result = { podUid: 'p', mountpoint: 'data', code: 'IN_USE', message: 'busy' };
    const response: AttachResponse = {
      results: [{ ...result, processes: [holder], pendingUploads: 2, rung: '', ownerUid: 'o' }],
      throttling: [{ mountPodUid: 'mp', periods: 9, throttledPeriods: 4, throttledMs: 1_500 }],
    };
    let seen: AttachRequest | undefined;
    const port = await anAgent((call, answer) => {
      seen = call.request;
      answer(null, response);
    });

    expect(await aClient(port).attach('node1', request, how())).toEqual(response);
    expect(seen).toEqual(request);
  });

  it.each([
    ['that of another node', 'other-node'],
    ['that of every agent in former versions', 'former'],
    ['that of a controller', 'controller'],
    ['one that has expired', 'expired'],
    ['one of a foreign authority', 'foreign'],
  ])('does not speak with an agent whose certificate is %s', async (_title, certificate) => {
    let called = false;
    const port = await anAgent((_call, answer) => {
      called = true;
      answer(null, { results: [], throttling: [] });
    }, certificate);

    await expect(aClient(port).attach('node1', request, how(undefined, 500))).rejects.toMatchObject(
      { code: 'AGENT_UNREACHABLE' },
    );
    expect(called).toBe(false);
  });

  it('names a node without an agent', async () => {
    const client = createNodeAgents({ view: { agentAddress: () => undefined }, tlsDir: dir });

    await expect(client.attach('node7', request, how())).rejects.toMatchObject({
      code: 'AGENT_UNREACHABLE',
      message: expect.stringContaining('node7'),
    });
  });

  it('closes the channel of a node that is gone when it opens that of another', async () => {
    const port = await anAgent((_call, answer) => answer(null, { results: [], throttling: [] }));
    const addresses = new Map([['node1', '127.0.0.1']]);
    const view = { agentAddress: (node: string) => addresses.get(node) };
    const client = createNodeAgents({ view, tlsDir: dir, port });
    clients.push(client);
    const close = vi.spyOn(Client.prototype, 'close');
    await client.attach('node1', request, how());

    addresses.clear();
    addresses.set('node2', '127.0.0.1');
    await client.attach('node2', request, how());
    await client.attach('node2', request, how());

    expect(close).toHaveBeenCalledTimes(1);
    close.mockRestore();
  });

  it('reports an agent that does not listen', async () => {
    await expect(aClient(1).attach('node1', request, how())).rejects.toMatchObject({
      code: 'AGENT_UNREACHABLE',
    });
  });

  it('gives up at the deadline', async () => {
    const port = await anAgent(() => {});

    await expect(
      aClient(port).attach('node1', request, how(undefined, 2_000)),
    ).rejects.toMatchObject({
      code: 'AGENT_UNREACHABLE',
      message: expect.stringMatching(/did not answer within 2 s/),
    });
  });

  it('cancels the call when it is aborted', async () => {
    const cancelled = Promise.withResolvers<void>();
    const called = Promise.withResolvers<void>();
    const port = await anAgent((call) => {
      call.on('cancelled', () => cancelled.resolve());
      called.resolve();
    });
    const controller = new AbortController();
    const attach = aClient(port).attach('node1', request, how(controller.signal));
    await called.promise;

    controller.abort(new Error('enough'));

    await expect(attach).rejects.toThrow('enough');
    await cancelled.promise;
  });

  it('asks what is mounted', async () => {
    const table: ListResponse = {
      mounts: [{ podUid: 'p', mountpoint: 'data', sourceKey: 'aa.bb', readOnly: true }],
      stagedSourceKeys: ['aa.bb'],
      publishedPodUids: ['p', 'q'],
      throttling: [],
    };
    let asked: ListRequest | undefined;
    const port = await anAgent(
      () => {},
      'agent',
      (call, answer) => {
        asked = call.request;
        answer(null, table);
      },
    );

    expect(await aClient(port).list('node1', { mountPodUids: ['mp'] }, how())).toEqual(table);
    expect(asked).toEqual({ mountPodUids: ['mp'] });
  });

  it.each([
    [status.INVALID_ARGUMENT, 'INVALID_ARGUMENT'],
    [status.UNAUTHENTICATED, 'UNAUTHENTICATED'],
    [status.UNAVAILABLE, 'AGENT_UNREACHABLE'],
    [status.INTERNAL, 'INTERNAL'],
  ])('translates gRPC status %i to %s, without the request', async (code, wanted) => {
    const port = await anAgent((_call, answer) => answer({ code, details: 'because' }));

    const error = await aClient(port)
      .attach('node1', request, how())
      .catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: wanted, message: expect.stringContaining('because') });
    expect(String(error)).not.toContain('hidden');
  });
});
