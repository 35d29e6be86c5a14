// What does a command say that does not reach Temporal?
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { API_VERSION, CLAIM_PLURAL, GROUP, SYSTEM_NAMESPACE } from '../../../api/names.ts';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
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
