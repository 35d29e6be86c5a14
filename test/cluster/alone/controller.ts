// How does a test take our own deployments and agents away, and bring them back?
import { COMPONENT_LABEL, COMPONENTS, SYSTEM_NAMESPACE } from '../../../api/names.ts';
import { listPodProcesses } from '../../../deploy/stack/pod-processes.ts';
import { waitUntil } from '../../wait-until.ts';
import { find, list, mergePatch, type AnyObject, type Ref } from '../kube.ts';
import { runOk } from '../programs.ts';

type Component = (typeof COMPONENTS)[keyof typeof COMPONENTS];

const TIMEOUT_MS = 120_000;

/** A label that no node has. */
const NOWHERE = 'dynvol.test/nowhere';

function nameWorkload(kind: 'Deployment' | 'DaemonSet', name: Component): Ref {
  return { apiVersion: 'apps/v1', kind, metadata: { name, namespace: SYSTEM_NAMESPACE } };
}

interface Variable {
  name: string;
  value: string;
}

/** The pods of one of our components. */
export async function listOwnPods(component: Component): Promise<AnyObject[]> {
  return await list('v1', 'Pod', SYSTEM_NAMESPACE, `${COMPONENT_LABEL}=${component}`);
}

/** Sets the number of pods of a deployment and waits until exactly so many are there and ready. */
export async function scale(component: Component, replicas: number): Promise<void> {
  await mergePatch(nameWorkload('Deployment', component), { spec: { replicas } });
  await waitPods(component, replicas);
}

async function waitPods(component: Component, replicas: number): Promise<void> {
  const deployment = nameWorkload('Deployment', component);
  await waitUntil(
    `${replicas} pods of ${component} are ready`,
    async () => {
      const pods = await listOwnPods(component);
      const status = (await find(deployment))?.status;
      return pods.length === replicas && (status?.readyReplicas ?? 0) === replicas;
    },
    TIMEOUT_MS,
  );
}

/** Sets the number of controllers and waits until exactly so many are there and ready. */
export async function scaleController(replicas: number): Promise<void> {
  await scale(COMPONENTS.controller, replicas);
}

/** The image that the controller gives to mount pods. */
export async function readMountPodImage(): Promise<string> {
  const deployment = await find(nameWorkload('Deployment', COMPONENTS.controller));
  const env = (deployment?.['spec'].template.spec.containers[0].env ?? []) as Variable[];
  return String(env.find((one) => one.name === 'MOUNT_POD_IMAGE')?.value);
}

/**
 * Gives another image to the mount pods to come, as an upgrade does. A rollout counts as over while the controller of
 * before still ends, and that one may take on a claim until its process is gone.
 */
export async function useMountPodImage(image: string): Promise<void> {
  const where = ['-n', SYSTEM_NAMESPACE, `deployment/${COMPONENTS.controller}`];
  await runOk('kubectl', ['set', 'env', ...where, `MOUNT_POD_IMAGE=${image}`]);
  await runOk('kubectl', ['rollout', 'status', ...where, '--timeout=120s']);
  await waitPods(COMPONENTS.controller, 1);
}

/** Runs something while no controller runs. */
export async function withoutController(work: () => Promise<void>): Promise<void> {
  await withoutPods(COMPONENTS.controller, work);
}

/** Runs something while a deployment of ours has no pod. */
export async function withoutPods(component: Component, work: () => Promise<void>): Promise<void> {
  await scale(component, 0);
  try {
    await work();
  } finally {
    await scale(component, 1);
  }
}

/** Ends the process of a controller as a crash would; its pod stays. */
export async function killController(): Promise<void> {
  const [pod] = await listOwnPods(COMPONENTS.controller);
  const processes = await listPodProcesses(String(pod?.metadata?.uid));
  if (processes.length === 0) throw new Error('No process of a controller was found');
  for (const { pid } of processes) process.kill(pid, 'SIGKILL');
}

/** Runs something while no node has an agent. */
export async function withoutAgents(work: () => Promise<void>): Promise<void> {
  const agents = nameWorkload('DaemonSet', COMPONENTS.agent);
  const place = (wanted: 'yes' | null) =>
    mergePatch(agents, {
      spec: { template: { spec: { nodeSelector: { [NOWHERE]: wanted } } } },
    });
  await place('yes');
  try {
    const areGone = async () => (await listOwnPods(COMPONENTS.agent)).length === 0;
    await waitUntil('no agent is left', areGone, TIMEOUT_MS);
    await work();
  } finally {
    await place(null);
    await waitAgents();
  }
}

/** Replaces every agent by another one, as an upgrade does. */
export async function rollAgents(): Promise<void> {
  await runOk('kubectl', ['rollout', 'restart', ...rollout]);
  await waitAgents();
}

/** Waits until every node has its agent. */
export async function waitAgents(): Promise<void> {
  await runOk('kubectl', ['rollout', 'status', ...rollout, '--timeout=120s']);
}

const rollout = ['-n', SYSTEM_NAMESPACE, `daemonset/${COMPONENTS.agent}`];
