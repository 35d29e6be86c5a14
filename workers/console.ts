// What does the console get from the controller?
import { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { isWanted } from '../activities/mount-pod-use.ts';
import { createMountStatistics } from '../activities/mount-statistics.ts';
import type { NodeAgents } from '../activities/node-agents.ts';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import { CONSOLE_LOOPBACK_PORT, CONSOLE_PORT } from '../api/names.ts';
import { reviewAccess } from '../console/server/access-review.ts';
import { startConsole } from '../console/server/server.ts';
import type { Console, ConsoleOptions } from '../console/server/server.ts';
import { createWorkflowReader } from '../console/server/workflow-reader.ts';
import { reviewToken } from '../enrolment/token-review.ts';
import { describeError } from '../logging/describe-error.ts';
import type { ClusterView, PodView } from '../watch/cluster-view.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';

export interface ControllerConsoleOptions {
  view: ClusterView;
  kubernetes: KubernetesConnection;
  temporal: { connection: NativeConnection; namespace: string };
  agents: NodeAgents;
  tlsDir: string;
  filesDir: string;
  log: Logger;
}

/**
 * Starts the console over complete caches. A controller without one goes on attaching: it logs why there is none.
 * @returns undefined when a port cannot be had, or the certificate cannot be read
 */
export async function startControllerConsole(
  options: ControllerConsoleOptions,
): Promise<Console | undefined> {
  try {
    return await startConsole(buildConsoleOptions(options));
  } catch (error) {
    options.log.error({ err: describeError(error) }, 'Console could not be started');
    return undefined;
  }
}

function buildConsoleOptions(options: ControllerConsoleOptions): ConsoleOptions {
  const { view, kubernetes, temporal, agents, tlsDir, filesDir, log } = options;
  return {
    view,
    workflows: createWorkflowReader(new Client(temporal)),
    readMounts: createMountStatistics({ view, agents }).readMounts,
    mayServe: (claim, mountPod) => mayServe(view, claim, mountPod),
    // Tokens of people and programs are for the API server itself.
    reviewToken: (token, signal) => reviewToken(kubernetes, token, [], signal),
    reviewAccess: (user, access, signal) => reviewAccess(kubernetes, user, access, signal),
    ports: { loopback: CONSOLE_LOOPBACK_PORT, pod: CONSOLE_PORT },
    tlsDir,
    filesDir,
    log,
  };
}

/**
 * May a mount pod that is for a pod of the claim serve this claim, and not only another one of that pod? What nobody wants
 * any more may still serve what wanted it.
 */
export function mayServe(
  view: Pick<ClusterView, 'podsIn' | 'claimsIn' | 'storageProviderClass'>,
  claim: DynamicVolumeClaim,
  mountPod: PodView,
): boolean {
  const { namespace, uid } = claim.metadata;
  const pods = view.podsIn(namespace);
  const isWantedBy = (claims: DynamicVolumeClaim[]): boolean =>
    isWanted(mountPod, { claims, pods, storageProviderClass: view.storageProviderClass });
  const others = view.claimsIn(namespace).filter(({ metadata }) => metadata.uid !== uid);
  return isWantedBy([claim]) || !isWantedBy(others);
}
