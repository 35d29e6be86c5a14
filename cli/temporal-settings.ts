// Where is Temporal, and as whom do we talk to it, as flags, environment and the controller say it? (pure)
import { CliError } from './cli-error.ts';
import type { Environment } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';

/** A PEM text, or the file that holds it. */
export type Pem = { data: string } | { file: string };

export interface TemporalTls {
  serverCa?: Pem;
  clientCertificate?: Pem;
  clientKey?: Pem;
  serverName?: string;
}

export interface TemporalSettings {
  /** `host:port` of the frontend. */
  address?: string;
  namespace?: string;
  /** A credential: never told to anybody. */
  apiKey?: string;
  /** Absent for a plain connection. */
  tls?: TemporalTls;
}

/** How a person says where Temporal is; ends the sentence of a failure. */
export const TEMPORAL_HINT =
  'give its address with --temporal-address or TEMPORAL_ADDRESS, and TEMPORAL_NAMESPACE, TEMPORAL_API_KEY or TEMPORAL_TLS_* as the temporal command line has them';

const ADDRESS = /^.+:\d{1,5}$/;

/**
 * Reads what a person gives: the flag, then the variables of Temporal's own command line. TLS is on when any of its
 * variables or an API key is there, unless `TEMPORAL_TLS` is `false`.
 * https://docs.temporal.io/develop/environment-configuration
 *
 * @throws CliError a value cannot be used
 */
export function readTemporalSettings(
  flags: { temporalAddress?: string },
  environment: Environment,
): TemporalSettings {
  const address = flags.temporalAddress ?? given(environment, 'TEMPORAL_ADDRESS');
  if (address !== undefined && !ADDRESS.test(address)) {
    throw new CliError(
      `Temporal's address is "${address}"; give it as host:port, such as 127.0.0.1:7233`,
      EXIT_CODES.usage,
    );
  }
  const namespace = given(environment, 'TEMPORAL_NAMESPACE');
  const apiKey = given(environment, 'TEMPORAL_API_KEY');
  const tls = readTls(environment, apiKey !== undefined);
  return {
    ...(address === undefined ? {} : { address }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
  };
}

function readTls(environment: Environment, byDefault: boolean): TemporalTls | undefined {
  const wanted = given(environment, 'TEMPORAL_TLS');
  if (wanted === 'false' || wanted === '0') return undefined;
  if (isTrue(given(environment, 'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION'))) {
    throw new CliError(
      'TEMPORAL_TLS_DISABLE_HOST_VERIFICATION cannot be followed: give the authority in TEMPORAL_TLS_SERVER_CA_CERT_PATH, and the name in TEMPORAL_TLS_SERVER_NAME',
      EXIT_CODES.usage,
    );
  }
  const serverCa = readPem(environment, 'TEMPORAL_TLS_SERVER_CA_CERT', 'TEMPORAL_TLS_CA');
  const clientCertificate = readPem(environment, 'TEMPORAL_TLS_CLIENT_CERT', 'TEMPORAL_TLS_CERT');
  const clientKey = readPem(environment, 'TEMPORAL_TLS_CLIENT_KEY', 'TEMPORAL_TLS_KEY');
  const serverName = given(environment, 'TEMPORAL_TLS_SERVER_NAME');
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    throw new CliError(
      'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH belong together: give both or none',
      EXIT_CODES.usage,
    );
  }
  const tls: TemporalTls = {
    ...(serverCa ? { serverCa } : {}),
    ...(clientCertificate ? { clientCertificate } : {}),
    ...(clientKey ? { clientKey } : {}),
    ...(serverName ? { serverName } : {}),
  };
  return byDefault || isTrue(wanted) || Object.keys(tls).length > 0 ? tls : undefined;
}

/** Under its present name, with `_PATH` or `_DATA`, or under the one that older versions of the command line have. */
function readPem(environment: Environment, name: string, formerName: string): Pem | undefined {
  const data = given(environment, `${name}_DATA`) ?? given(environment, `${formerName}_DATA`);
  if (data !== undefined) return { data };
  const file = given(environment, `${name}_PATH`) ?? given(environment, formerName);
  return file === undefined ? undefined : { file };
}

/** An empty variable counts as unset. */
function given(environment: Environment, name: string): string | undefined {
  return environment[name] || undefined;
}

function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}

/** What `apps/v1` says of the controller; the fields that are read. */
export interface ControllerDeployment {
  spec?: {
    template?: { spec?: { containers?: { env?: { name: string; value?: string }[] }[] } };
  };
}

/** How the controller is told to reach Temporal; its keys are in Secrets, which nobody reads here. */
export function readControllerSettings(deployment: ControllerDeployment): TemporalSettings {
  const containers = deployment.spec?.template?.spec?.containers ?? [];
  const variables = new Map(
    containers.flatMap(({ env = [] }) => env.map(({ name, value }) => [name, value] as const)),
  );
  const address = variables.get('TEMPORAL_ADDRESS');
  const namespace = variables.get('TEMPORAL_NAMESPACE');
  const serverName = variables.get('TEMPORAL_TLS_SERVER_NAME');
  const hasTls = ['TEMPORAL_TLS', 'TEMPORAL_TLS_DIR', 'TEMPORAL_TLS_SERVER_NAME'].some((name) =>
    variables.get(name),
  );
  return {
    ...(address ? { address } : {}),
    ...(namespace ? { namespace } : {}),
    ...(hasTls ? { tls: serverName ? { serverName } : {} } : {}),
  };
}

export interface ServiceName {
  service: string;
  namespace: string;
}

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const SERVICE_NAME = new RegExp(`^(${LABEL})(?:\\.(${LABEL})(?:\\.svc(?:\\..+)?)?)?$`);

/**
 * The Service that a host may be the name of, as a pod of `ownNamespace` resolves it; undefined when it cannot be one.
 * `example.com` may be one: only the API server knows.
 */
export function parseServiceName(host: string, ownNamespace: string): ServiceName | undefined {
  const [, service, namespace = ownNamespace] = SERVICE_NAME.exec(host) ?? [];
  if (service === undefined || service === 'localhost') return undefined;
  return { service, namespace };
}

/** Splits `host:port`; the brackets of an IPv6 address are taken off. */
export function splitAddress(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return {
    host: address.slice(0, at).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(at + 1)),
  };
}
