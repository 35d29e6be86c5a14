// How does a command read what only the controller knows?
import type { KubeConfig } from '@kubernetes/client-node';
import {
  COMPONENT_LABEL,
  COMPONENTS,
  CONSOLE_LOOPBACK_PORT,
  SYSTEM_NAMESPACE,
} from '../api/names.ts';
import type { ErrorAnswer } from '../console/model/views.ts';
import { namespacedPath } from '../watch/kubernetes-requests.ts';
import { projectPod } from '../watch/projections.ts';
import { CliError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { explainFailure } from './failures.ts';
import { openPortForward, PortForwardError } from './port-forward.ts';

/** More than the controller waits for Temporal and for agents (3 s). */
const REQUEST_DEADLINE_MS = 10_000;

/** The console's API (`console/model/views.ts`). */
export interface ConsoleApi {
  /**
   * @param path of `CONSOLE_PATHS`, with its query
   * @throws CliError the console does not answer or refuses; the message is one sentence
   */
  get<T>(path: string): Promise<T>;
}

/** The console's certificate is signed by an authority of the chart, which no machine knows. */
const CA_HINT = '; give its authority in the environment variable NODE_EXTRA_CA_CERTS';

interface Access {
  base: URL;
  headers: Record<string, string>;
  /** Aborts when the way to the console breaks. */
  broken?: AbortSignal;
}

type Context = Pick<CliContext, 'flags' | 'kubeConfig' | 'kubernetes' | 'onClose' | 'signal'>;

/** Opens the way to the console: `--console`, else a port-forward to a ready controller. */
export async function openConsole(context: Context): Promise<ConsoleApi> {
  const url = context.flags.console;
  const access =
    url === undefined ? await forward(context) : await direct(url, context.kubeConfig());
  return { get: <T>(path: string) => request<T>(access, path, context.signal) };
}

async function direct(url: string, config: KubeConfig): Promise<Access> {
  const base = parseConsoleUrl(url);
  if (isLoopback(base)) return { base, headers: {} };
  const options: { headers?: Record<string, string> } = {};
  await config.applyToHTTPSOptions(options as Parameters<typeof config.applyToHTTPSOptions>[0]);
  const authorization = options.headers?.['Authorization'];
  if (authorization === undefined) {
    throw new CliError(
      `The console at ${base.origin} takes a bearer token, and the kubeconfig has none for its user: leave --console out, which makes a port-forward instead`,
      EXIT_CODES.noAccess,
    );
  }
  return { base, headers: { authorization } };
}

/**
 * Parses `--console`. A token goes over TLS only; the loopback address is a port-forward, which needs none.
 * @throws CliError usage
 */
export function parseConsoleUrl(url: string): URL {
  const parsed = URL.parse(url);
  const isUsable =
    parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isLoopback(parsed));
  if (parsed !== null && isUsable) return parsed;
  throw new CliError(
    `--console "${url}" is not usable: give https://host:port, or http://localhost:port of a port-forward`,
    EXIT_CODES.usage,
  );
}

function isLoopback({ hostname, protocol }: URL): boolean {
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

async function forward(context: Context): Promise<Access> {
  const pod = await findController(context);
  const forwarding = await openPortForward(context.kubeConfig(), {
    namespace: SYSTEM_NAMESPACE,
    pod,
    port: CONSOLE_LOOPBACK_PORT,
  });
  context.onClose(() => forwarding.close());
  const base = new URL(`http://127.0.0.1:${forwarding.port}`);
  return { base, headers: {}, broken: forwarding.broken };
}

async function findController({ kubernetes, signal }: Context): Promise<string> {
  const selector = encodeURIComponent(`${COMPONENT_LABEL}=${COMPONENTS.controller}`);
  const path = `${namespacedPath('/api/v1', 'pods', { namespace: SYSTEM_NAMESPACE })}?labelSelector=${selector}`;
  const list = (await kubernetes().send({ method: 'GET', path }, signal)) as { items: unknown[] };
  const pods = list.items.map(projectPod).filter((pod) => !pod.terminating);
  // One that has lost Temporal is not ready and has its console all the same; one that never had it has none.
  const pod = pods.find(({ ready }) => ready) ?? pods.find(({ phase }) => phase === 'Running');
  if (pod !== undefined) return pod.name;
  throw new CliError(
    `No controller runs in namespace ${SYSTEM_NAMESPACE}: look at \`kubectl get pods -n ${SYSTEM_NAMESPACE}\``,
    EXIT_CODES.noAccess,
  );
}

async function request<T>(
  { base, headers, broken }: Access,
  path: string,
  stop: AbortSignal,
): Promise<T> {
  const deadline = AbortSignal.timeout(REQUEST_DEADLINE_MS);
  const signal = AbortSignal.any([deadline, stop, ...(broken ? [broken] : [])]);
  try {
    const url = new URL(`${base.pathname.replace(/\/$/, '')}${path}`, base);
    const response = await fetch(url, { headers, signal, redirect: 'error' });
    const body = await response.text();
    const answer = parseJson(body);
    if (response.ok && answer !== undefined) return answer as T;
    throw new CliError(readRefusal(base, response.status, answer), readExitCode(response.status));
  } catch (error) {
    if (stop.aborted || error instanceof CliError) throw error;
    if (broken?.reason instanceof PortForwardError) {
      throw new CliError(broken.reason.message.replace(/\.$/, ''), EXIT_CODES.noAccess);
    }
    const console = `The console at ${base.origin}`;
    const { message, exitCode } = explainFailure(error, console);
    const isKnown = exitCode === EXIT_CODES.noAccess;
    const hint = message.includes('nobody trusted') ? CA_HINT : '';
    throw new CliError(
      isKnown ? message + hint : `${console} cannot be reached: ${message}`,
      EXIT_CODES.noAccess,
      { cause: error },
    );
  }
}

function readExitCode(status: number): ExitCode {
  return status === 404 ? EXIT_CODES.notFound : EXIT_CODES.noAccess;
}

/** Undefined when it is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The console's own sentence, unless something else has answered in its place. */
function readRefusal(base: URL, status: number, answer: unknown): string {
  const { message } = (answer ?? {}) as Partial<ErrorAnswer>;
  if (typeof message === 'string' && message !== '') return message.replace(/\.$/, '');
  return `The console at ${base.origin} answered ${status}: is it the console of dynvol?`;
}
