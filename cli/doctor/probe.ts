// What do our pods answer themselves, asked through a port-forward?
import { connect } from 'node:tls';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { once } from 'node:events';
import { SYSTEM_NAMESPACE } from '../../api/names.ts';
import type { PodView } from '../../watch/cluster-view.ts';
import { CliError } from '../cli-error.ts';
import { openPortForward } from '../port-forward.ts';
import type { PortForwarding } from '../port-forward.ts';
import type { ControllerHealth, ServedCertificate } from './facts.ts';
import type { Context } from './read.ts';

/** `HEALTH_PORT` of the controller, and the port of the webhook (deploy/chart). */
const HEALTH_PORT = 9812;
const WEBHOOK_PORT = 9443;

/** By which name the API server calls the webhook. */
const WEBHOOK_HOST = `dynvol-webhook.${SYSTEM_NAMESPACE}.svc`;

const DEADLINE_MS = 5_000;

/** @throws CliError the pod cannot be reached */
export async function readHealth(context: Context, pod: string): Promise<ControllerHealth> {
  return through(context, pod, HEALTH_PORT, async (port, signal) => {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal });
    return { pod, ready: response.ok, said: await response.text() };
  });
}

/**
 * Shakes hands with a webhook pod as the API server does.
 *
 * @param caBundle PEM
 * @throws CliError the pod cannot be reached
 */
export async function readServedCertificate(
  context: Context,
  { name }: PodView,
  caBundle: string,
): Promise<ServedCertificate> {
  return through(context, name, WEBHOOK_PORT, async (port, signal) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername: WEBHOOK_HOST,
      ca: caBundle,
      // Refused or not is what shall be told.
      rejectUnauthorized: false,
    });
    try {
      await once(socket, 'secureConnect', { signal });
      return describeCertificate(name, socket);
    } finally {
      socket.destroy();
    }
  });
}

function describeCertificate(pod: string, socket: TLSSocket): ServedCertificate {
  const { valid_to: end }: PeerCertificate = socket.getPeerCertificate();
  const refusal = socket.authorized ? undefined : String(socket.authorizationError);
  return { pod, notAfter: new Date(end), ...(refusal === undefined ? {} : { refusal }) };
}

async function through<T>(
  context: Context,
  pod: string,
  targetPort: number,
  use: (port: number, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const target = { namespace: SYSTEM_NAMESPACE, pod, port: targetPort };
  const forward = await openPortForward(context.kubeConfig(), target);
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  try {
    return await use(forward.port, AbortSignal.any([deadline, forward.broken, context.signal]));
  } catch (error) {
    context.signal.throwIfAborted();
    throw explain(error, pod, forward);
  } finally {
    forward.close();
  }
}

function explain(error: unknown, pod: string, { broken }: PortForwarding): unknown {
  if (broken.aborted) return broken.reason;
  const late = error instanceof Error && error.name === 'TimeoutError';
  const why = late ? 'does not answer in time' : 'ends the connection without an answer';
  return new CliError(`${pod} ${why}`, undefined, { cause: error });
}
