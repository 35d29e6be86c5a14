// How does a command reach the workflows of claims in Temporal?
import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { SYSTEM_NAMESPACE } from '../api/names.ts';
import { find, namespacedPath } from '../watch/kubernetes-requests.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { explainFailure } from './failures.ts';
import { toPlainText } from './output/plain-text.ts';
import { openPortForward, PortForwardError } from './port-forward.ts';
import { findServicePod } from './service-pod.ts';
import type { PodList, Service } from './service-pod.ts';
import {
  parseServiceName,
  readControllerSettings,
  readTemporalSettings,
  splitAddress,
  TEMPORAL_HINT,
} from './temporal-settings.ts';
import type {
  ControllerDeployment,
  Pem,
  ServiceName,
  TemporalSettings,
  TemporalTls,
} from './temporal-settings.ts';

const CONNECT_DEADLINE_MS = 10_000;
const DEFAULT_NAMESPACE = 'default';
const CONTROLLER_PATH = `/apis/apps/v1/namespaces/${SYSTEM_NAMESPACE}/deployments/controller`;

/** Where a command's Temporal is. */
type Target = TemporalSettings & { address: string; namespace: string };

/** A way there: the address to dial, and how the server calls itself when that is another name. */
interface Route {
  address: string;
  serverName?: string;
  /** Aborts when the way is no way. */
  broken?: AbortSignal;
}

/** Has a person said where Temporal is? */
export function isTemporalGiven({
  flags,
  environment,
}: Pick<CliContext, 'flags' | 'environment'>): boolean {
  return readTemporalSettings(flags, environment).address !== undefined;
}

/**
 * Connects to Temporal, as `--temporal-address` and the variables of Temporal's command line say; what they leave open
 * is taken from the Deployment of the controller, and its Service is reached by a port-forward to a pod behind it.
 * Closed with the command.
 *
 * @throws CliError it cannot be found or does not answer; the message says how to give it
 */
export async function openTemporal(context: CliContext): Promise<Client> {
  const given = readTemporalSettings(context.flags, context.environment);
  const target = await complete(context, given);
  // An address that a person gives is meant as it is.
  const route =
    given.address === undefined
      ? await findRoute(context, target.address)
      : { address: given.address };
  return await connect(context, target, route);
}

async function complete(context: CliContext, given: TemporalSettings): Promise<Target> {
  const { address, namespace } = given;
  if (address !== undefined) {
    // Who may not read the Deployment misses a namespace alone.
    const found =
      namespace ?? (await readController(context).catch(() => ({ namespace }))).namespace;
    return { ...given, address, namespace: found ?? DEFAULT_NAMESPACE };
  }
  const found = await readController(context);
  if (found.address === undefined) {
    throw new CliError(
      `The controller's Deployment does not say where Temporal is; ${TEMPORAL_HINT}`,
      EXIT_CODES.noAccess,
    );
  }
  return { namespace: DEFAULT_NAMESPACE, ...found, ...given, address: found.address };
}

async function readController({ kubernetes, signal }: CliContext): Promise<TemporalSettings> {
  const deployment = await find(kubernetes(), CONTROLLER_PATH, signal).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (deployment !== undefined) return readControllerSettings(deployment as ControllerDeployment);
  throw new CliError(
    `Temporal cannot be found: there is no Deployment ${SYSTEM_NAMESPACE}/controller in this cluster; ${TEMPORAL_HINT}`,
    EXIT_CODES.noAccess,
  );
}

function unreachable(error: unknown): CliError {
  const { message } = explainFailure(error, 'The API server');
  return new CliError(
    `Temporal cannot be found: ${message}; or ${TEMPORAL_HINT}`,
    EXIT_CODES.noAccess,
    { cause: error },
  );
}

/** The address is good for pods. A name that is no Service with pods is dialled as it is. */
async function findRoute(context: CliContext, address: string): Promise<Route> {
  const { host, port } = splitAddress(address);
  const name = parseServiceName(host, SYSTEM_NAMESPACE);
  const service = name === undefined ? undefined : await getService(context, name);
  if (name === undefined || service?.spec?.selector === undefined) return { address };
  const found = findServicePod(service, port, await listPods(context, name, service));
  if (found === undefined) {
    throw new CliError(
      `No pod behind Temporal's Service ${name.namespace}/${name.service} is ready; ${TEMPORAL_HINT}`,
      EXIT_CODES.noAccess,
    );
  }
  const forward = await openPortForward(context.kubeConfig(), {
    namespace: name.namespace,
    ...found,
  });
  context.onClose(() => forward.close());
  return { address: `127.0.0.1:${forward.port}`, serverName: host, broken: forward.broken };
}

async function getService(
  { kubernetes, signal }: CliContext,
  { namespace, service }: ServiceName,
): Promise<Service | undefined> {
  const path = namespacedPath('/api/v1', 'services', { namespace, name: service });
  try {
    return (await find(kubernetes(), path, signal)) as Service | undefined;
  } catch (error) {
    throw unreachable(error);
  }
}

async function listPods(
  { kubernetes, signal }: CliContext,
  { namespace }: ServiceName,
  service: Service,
): Promise<PodList> {
  const labels = Object.entries(service.spec?.selector ?? {}).map((pair) => pair.join('='));
  const query = new URLSearchParams({ labelSelector: labels.join(',') }).toString();
  const path = `${namespacedPath('/api/v1', 'pods', { namespace })}?${query}`;
  try {
    return (await kubernetes().send({ method: 'GET', path }, signal)) as PodList;
  } catch (error) {
    throw unreachable(error);
  }
}

async function connect(context: CliContext, target: Target, route: Route): Promise<Client> {
  context.progress(`Asking Temporal at ${target.address}`);
  // Loaded here because it is large, and most commands do without.
  const { Client, Connection } = await import('@temporalio/client');
  const connection = Connection.lazy({
    address: route.address,
    // Without the one that tries again for as long as it may: a person wants to know at once.
    interceptors: [],
    tls: target.tls === undefined ? false : readTls(target.tls, route.serverName),
    ...(target.apiKey === undefined ? {} : { apiKey: target.apiKey }),
  });
  context.onClose(() => connection.close());
  const signals = [context.signal, ...(route.broken ? [route.broken] : [])];
  try {
    await connection.withAbortSignal(AbortSignal.any(signals), () =>
      connection.withDeadline(Date.now() + CONNECT_DEADLINE_MS, () =>
        connection.workflowService.describeNamespace({ namespace: target.namespace }),
      ),
    );
  } catch (error) {
    context.signal.throwIfAborted();
    throw new CliError(describeFailure(target, route, error), EXIT_CODES.noAccess, {
      cause: error,
    });
  }
  return new Client({ connection, namespace: target.namespace });
}

function readTls(tls: TemporalTls, serverName: string | undefined) {
  const { serverCa, clientCertificate, clientKey } = tls;
  const name = tls.serverName ?? serverName;
  return {
    ...(name === undefined ? {} : { serverNameOverride: name }),
    ...(serverCa ? { serverRootCACertificate: readPem(serverCa) } : {}),
    ...(clientCertificate && clientKey
      ? { clientCertPair: { crt: readPem(clientCertificate), key: readPem(clientKey) } }
      : {}),
  };
}

function readPem(pem: Pem): Buffer {
  if ('data' in pem) return Buffer.from(pem.data);
  try {
    return readFileSync(pem.file);
  } catch (error) {
    throw new CliError(
      `${pem.file}, which a variable TEMPORAL_TLS_* names, cannot be read: ${(error as Error).message}`,
      EXIT_CODES.usage,
      { cause: error },
    );
  }
}

/** gRPC status codes: https://grpc.io/docs/guides/status-codes/ */
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

function describeFailure({ address, namespace }: Target, route: Route, error: unknown): string {
  if (route.broken?.reason instanceof PortForwardError) {
    return `Temporal cannot be reached: ${route.broken.reason.message}; or ${TEMPORAL_HINT}`;
  }
  const { code, details } = error as { code?: number; details?: string };
  if (code === NOT_FOUND) {
    return `Temporal at ${address} has no namespace "${namespace}"; give another one in TEMPORAL_NAMESPACE`;
  }
  if (code === PERMISSION_DENIED || code === UNAUTHENTICATED) {
    return `Temporal at ${address} does not let you into its namespace "${namespace}"; give TEMPORAL_API_KEY or TEMPORAL_TLS_* as its command line has them`;
  }
  return `Temporal at ${address} does not answer (${findCause(details ?? String(error))}); ${TEMPORAL_HINT}`;
}

/** The gRPC library puts words about itself around what the network says. */
function findCause(details: string): string {
  const [, cause = details] =
    /Last error: (?:Error: )?(.+?)(?:\. Resolution note:|$)/.exec(details) ?? [];
  return toPlainText(cause.split('\n')[0] ?? '');
}
