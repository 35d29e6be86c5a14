// What becomes of the claims of a namespace, from moment to moment?
import { pino } from 'pino';
import { API_VERSION, CLAIM_PLURAL, GROUP } from '../../api/names.ts';
import { loadKubeConfig } from '../../watch/kubernetes.ts';
import { connectKubernetes } from '../../watch/kubernetes-connection.ts';
import type { ChangeListener } from '../../watch/object-store.ts';
import { runReflector } from '../../watch/reflector.ts';
import type { AnyObject } from '../cluster/kube.ts';

export interface SeenClaim {
  name: string;
  isReady: boolean;
}

/**
 * Tells of every change until `stop`; comes back when it is current. A bare watch would not do: the API server ends
 * that of a reader who falls behind, as a bench does that creates hundreds of claims at once.
 */
export async function watchClaims(
  namespace: string,
  onChange: ChangeListener<SeenClaim>,
): Promise<{ stop(): Promise<void> }> {
  const connection = connectKubernetes(loadKubeConfig());
  const stopping = new AbortController();
  const { promise: current, resolve: onListed } = Promise.withResolvers<void>();
  const options = {
    connection,
    kind: 'claims' as const,
    path: `/apis/${GROUP}/${API_VERSION}/namespaces/${namespace}/${CLAIM_PLURAL}`,
    project,
    onChange,
    onListed,
    log: pino(),
  };
  const ended = runReflector(options, stopping.signal);
  await current;
  const stop = async () => {
    stopping.abort();
    await ended;
    connection.close();
  };
  return { stop };
}

function project(object: unknown): SeenClaim {
  const { metadata, status } = object as AnyObject;
  const conditions = (status?.conditions ?? []) as AnyObject[];
  const isReady = conditions.some((one) => one['type'] === 'Ready' && one.status === 'True');
  return { name: metadata?.name ?? '', isReady };
}
