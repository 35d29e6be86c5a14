// How does a failure read to a person? (pure; every failure of a command passes here)
import { CLAIM_PLURAL, CLASS_PLURAL } from '../api/names.ts';
import { KubernetesError } from '../watch/kubernetes-error.ts';
import { CliError } from './cli-error.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { toPlainText } from './output/plain-text.ts';

/** A failure as it is told: one sentence without its full stop. */
export interface Explained {
  message: string;
  exitCode: ExitCode;
}

/**
 * Explains anything thrown.
 *
 * @param server what did not answer, for people: "The API server https://10.0.0.1:6443"
 */
export function explainFailure(thrown: unknown, server: string): Explained {
  if (thrown instanceof CliError) return { message: thrown.message, exitCode: thrown.exitCode };
  if (thrown instanceof KubernetesError) return explainRefusal(thrown, server);
  const network = explainNetwork(thrown, server);
  if (network !== undefined) return { message: network, exitCode: EXIT_CODES.noAccess };
  return { message: readFirstLine(thrown), exitCode: EXIT_CODES.failed };
}

function explainRefusal(error: KubernetesError, server: string): Explained {
  const { status } = error;
  const said = toPlainText(error.message);
  if (status === 401) {
    return {
      message: `${server} does not know your credentials: log in again, or choose another context with --context`,
      exitCode: EXIT_CODES.noAccess,
    };
  }
  if (status === 403) return { message: explainForbidden(said), exitCode: EXIT_CODES.noAccess };
  if (status === 404)
    return { message: explainNotFound(error, said), exitCode: EXIT_CODES.notFound };
  const exitCode = status === 429 || status >= 500 ? EXIT_CODES.noAccess : EXIT_CODES.failed;
  return { message: `${server} refuses: ${said}`, exitCode };
}

/** As the RBAC authorizer of the API server puts it. */
const FORBIDDEN =
  /User "(?<user>[^"]*)" cannot (?<verb>\S+) resource "(?<resource>[^"]+)" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/;

/** Names who may not do what, where, and which right is missing. */
export function explainForbidden(message: string): string {
  const parts = FORBIDDEN.exec(message)?.groups;
  if (parts === undefined) return `The API server does not allow it: ${message}`;
  const { user = '', verb = '', resource = '', group = '', namespace } = parts;
  const where = namespace === undefined ? 'in all namespaces' : `in namespace ${namespace}`;
  const full = group === '' ? resource : `${resource}.${group}`;
  const rule = namespace === undefined ? 'a ClusterRole' : `a Role in namespace ${namespace}`;
  const narrower =
    namespace === undefined && resource === CLAIM_PLURAL ? ', or name one namespace with -n' : '';
  return `User "${user}" may not ${verb} ${resource} ${where}; ask for ${rule} with the verb "${verb}" on ${full}${narrower}`;
}

function explainNotFound(error: KubernetesError, said: string): string {
  const ours = [CLAIM_PLURAL, CLASS_PLURAL].find((plural) => said.includes(`/${plural}`));
  // No `metav1.Status`: not the object is missing, but what it is an object of.
  if (ours !== undefined && error.reason === '') {
    return `dynvol is not installed in this cluster: its API server knows no ${ours}; apply the CRDs, or choose another context with --context`;
  }
  return said;
}

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'cannot be reached: the connection is refused',
  ECONNRESET: 'cannot be reached: the connection was cut',
  EHOSTUNREACH: 'cannot be reached: no route to the host',
  ENETUNREACH: 'cannot be reached: no route to its network',
  ETIMEDOUT: 'cannot be reached: the connection timed out',
  ENOTFOUND: 'cannot be reached: its name cannot be resolved',
  EAI_AGAIN: 'cannot be reached: its name cannot be resolved now',
  EPIPE: 'cannot be reached: the connection was cut',
  UND_ERR_SOCKET: 'cannot be reached: the connection was cut',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a certificate that nobody trusted has signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate that nobody trusted has signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate that nobody trusted has signed',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate that nobody trusted has signed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
  EPROTO: 'does not speak TLS as it should',
};

/** Undefined when it is no failure of the network. */
function explainNetwork(thrown: unknown, server: string): string | undefined {
  if (isTimeout(thrown)) return `${server} does not answer in time`;
  const code = readCode(thrown);
  const said = code === undefined ? undefined : NETWORK[code];
  return said === undefined ? undefined : `${server} ${said}`;
}

function isTimeout(thrown: unknown): boolean {
  const names = listCauses(thrown).map(({ name }) => name);
  return names.includes('TimeoutError');
}

function readCode(thrown: unknown): string | undefined {
  const codes = listCauses(thrown).map(({ code }) => code);
  return codes.find((code) => typeof code === 'string' && Object.hasOwn(NETWORK, code)) as
    string | undefined;
}

interface Cause {
  name?: unknown;
  code?: unknown;
}

/** A failure and what has led to it: `fetch` and `http` hide the reason at different depths. */
function listCauses(thrown: unknown, depth = 0): Cause[] {
  if (typeof thrown !== 'object' || thrown === null || depth > 4) return [];
  const { cause, errors } = thrown as { cause?: unknown; errors?: unknown };
  const inner = [cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])];
  return [thrown, ...inner.flatMap((each) => listCauses(each, depth + 1))];
}

function readFirstLine(thrown: unknown): string {
  // `fetch` itself says no more than that it has failed.
  const told = thrown instanceof TypeError && thrown.cause instanceof Error ? thrown.cause : thrown;
  const message = told instanceof Error ? told.message : String(told);
  return toPlainText(message.split('\n')[0]?.trim() || 'The command failed and does not say why');
}
