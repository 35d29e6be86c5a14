// What does a command say that does not reach Temporal?
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { MethodDefinition, sendUnaryData } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { API_VERSION, CLAIM_PLURAL, GROUP, SYSTEM_NAMESPACE } from '../../../api/names.ts';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
import { aClaimObject } from '../../builders/cluster-objects.ts';
import { runCommand } from '../../builders/command-line.ts';
import type { Ran } from '../../builders/command-line.ts';
import { CLAIM } from '../../builders/objects.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';

const CLAIMS = `/apis/${GROUP}/${API_VERSION}/namespaces/${CLAIM.namespace}/${CLAIM_PLURAL}`;
const DEPLOYMENTS = `/apis/apps/v1/namespaces/${SYSTEM_NAMESPACE}/deployments`;
const HOW_TO_GIVE_IT = 'give its address with --temporal-address or TEMPORAL_ADDRESS';

let server: FakeApiServer;
beforeEach(async () => {
  server = await FakeApiServer.start();
  server.put(CLAIMS, { metadata: { namespace: CLAIM.namespace, name: CLAIM.name } });
});
afterEach(async () => {
  await server.stop();
});

function remount(environment: Record<string, string> = {}): Promise<Ran> {
  return runCommand(['remount', CLAIM.name, '-n', CLAIM.namespace], server.kubeConfig, {
    environment,
  });
}

/** Puts the controller's Deployment there, with this address of Temporal. */
function putController(address: string | undefined): void {
  const env = address === undefined ? [] : [{ name: 'TEMPORAL_ADDRESS', value: address }];
  server.put(DEPLOYMENTS, {
    metadata: { namespace: SYSTEM_NAMESPACE, name: 'controller' },
    spec: { template: { spec: { containers: [{ env }] } } },
  });
}

/** A port on which nobody listens. */
async function findFreePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, 'close');
  return port;
}

const WITHOUT_CONSOLE = ['-n', CLAIM.namespace, '--console', 'http://localhost:1'];

/** Has every namespace, and answers nothing about a workflow. */
async function startSilentTemporal(
  onQuestion: () => void,
): Promise<{ address: string; stop(): void }> {
  const grpc = new Server();
  const wait = (): void => onQuestion();
  grpc.addService(
    {
      describe: describeMethod('DescribeNamespace'),
      history: describeMethod('GetWorkflowExecutionHistory'),
      query: describeMethod('QueryWorkflow'),
    },
    {
      describe: (_call: unknown, answer: sendUnaryData<Buffer>) => answer(null, Buffer.alloc(0)),
      history: wait,
      query: wait,
    },
  );
  const listen = promisify(grpc.bindAsync.bind(grpc));
  const port = await listen('127.0.0.1:0', ServerCredentials.createInsecure());
  return { address: `127.0.0.1:${port}`, stop: () => grpc.forceShutdown() };
}

/** What it is asked does not matter. */
function describeMethod(name: string): MethodDefinition<Buffer, Buffer> {
  const keep = (bytes: Buffer): Buffer => bytes;
  return {
    path: `/temporal.api.workflowservice.v1.WorkflowService/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: keep,
    requestDeserialize: keep,
    responseSerialize: keep,
    responseDeserialize: keep,
  };
}

describe('a Temporal that cannot be found', () => {
  it.each([
    [
      'no controller is installed',
      () => undefined,
      'there is no Deployment dynvol-system/controller',
    ],
    [
      'the controller does not say',
      () => putController(undefined),
      'does not say where Temporal is',
    ],
    [
      'its Service has no ready pod',
      () => {
        putController('frontend.temporal.svc:7233');
        server.put('/api/v1/namespaces/temporal/services', {
          metadata: { namespace: 'temporal', name: 'frontend' },
          spec: { selector: { app: 'temporal' }, ports: [{ port: 7233 }] },
        });
      },
      "No pod behind Temporal's Service temporal/frontend is ready",
    ],
    [
      'the Deployment may not be read',
      () => {
        server.faults.refuse = ({ pathname }) =>
          pathname.includes('/deployments/') ? { status: 403, reason: 'Forbidden' } : undefined;
      },
      'Temporal cannot be found',
    ],
  ])('is told with how to give it, where %s', async (_why, prepare, says) => {
    prepare();

    const ran = await remount();

    expect(ran).toMatchObject({ exitCode: EXIT_CODES.noAccess, stdout: '' });
    expect(ran.stderr).toContain(says);
    expect(ran.stderr).toContain(HOW_TO_GIVE_IT);
  });
});

describe('a Temporal that does not answer', () => {
  it('is told at once, with the reason of the network', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;

    const ran = await remount({ TEMPORAL_ADDRESS: address });

    expect(ran).toMatchObject({ exitCode: EXIT_CODES.noAccess, stdout: '' });
    expect(ran.stderr).toContain(
      `Temporal at ${address} does not answer (connect ECONNREFUSED ${address})`,
    );
  });

  it('is dialled as the controller has it where that is no Service', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    putController(address);

    const ran = await remount();

    expect(ran.stderr).toContain(`connect ECONNREFUSED ${address}`);
  });
});

describe('what a person gives', () => {
  it.each([
    ['an address without a port', { TEMPORAL_ADDRESS: 'temporal' }, 'host:port'],
    [
      'a certificate in a file that is not there',
      { TEMPORAL_ADDRESS: 'a:1', TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere/ca.pem' },
      '/nowhere/ca.pem',
    ],
  ])('is refused before anything is dialled: %s', async (_what, environment, says) => {
    const ran = await remount(environment);

    expect(ran).toMatchObject({ exitCode: EXIT_CODES.usage, stdout: '' });
    expect(ran.stderr).toContain(says);
  });
});

describe('explain without a console', () => {
  it('says that Temporal, whose address is given, does not answer either', async () => {
    server.put(CLAIMS, aClaimObject());
    const address = `127.0.0.1:${await findFreePort()}`;

    const ran = await runCommand([...WITHOUT_CONSOLE, 'explain', CLAIM.name], server.kubeConfig, {
      environment: { TEMPORAL_ADDRESS: address },
    });

    expect(ran.exitCode).toBe(EXIT_CODES.ok);
    expect(ran.stderr).toMatch(
      /^The console at \S+ cannot be reached: .*; asking Temporal instead\.\n/,
    );
    expect(ran.stderr).toContain(`\nTemporal at ${address} does not answer`);
  });
});

describe('a Temporal that takes its time', () => {
  // A request has 20 s: who waits for it to end is told by this test's own limit.
  const limitMs = 10_000;

  it.each(['history', 'explain'])(
    'is not waited for by %s after Ctrl-C',
    async (command) => {
      server.put(CLAIMS, aClaimObject());
      const interrupt = new AbortController();
      const temporal = await startSilentTemporal(() => interrupt.abort());

      const ran = await runCommand([...WITHOUT_CONSOLE, command, CLAIM.name], server.kubeConfig, {
        environment: { TEMPORAL_ADDRESS: temporal.address },
        signal: interrupt.signal,
      });
      temporal.stop();

      expect(ran).toMatchObject({ exitCode: EXIT_CODES.interrupted, stdout: '' });
    },
    limitMs,
  );
});
