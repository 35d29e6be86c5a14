// What does a reader notice of an agent that is replaced?
import { COMPONENT_LABEL, COMPONENTS, SYSTEM_NAMESPACE } from '../../api/names.ts';
import { readDuring } from '../../deploy/demo/reader.ts';
import { find, list, removeAndWait, type AnyObject } from '../cluster/kube.ts';
import { ROOT_PATH, type Pod } from '../cluster/scenario.ts';
import { waitUntil } from '../wait-until.ts';

export interface AgentRestartFigures {
  reads: number;
  errors: number;
  /** Mounts that are not the same as before. */
  remounts: number;
}

/** Deletes the agent of a pod's node again and again, while the file of a claim at `data` is read. */
export async function measureAgentRestarts(pod: Pod, count: number): Promise<AgentRestartFigures> {
  const figures = { reads: 0, errors: 0, remounts: 0 };
  for (let index = 0; index < count; index += 1) {
    const before = await pod.seenMount('data');
    const file = `${ROOT_PATH}/data/hello.txt`;
    const log = await readDuring(
      pod.uid,
      file,
      () => true,
      () => replaceAgent(pod),
    );
    figures.reads += log.reads;
    figures.errors += log.errors;
    if ((await pod.seenMount('data')).device !== before.device) figures.remounts += 1;
  }
  return figures;
}

async function replaceAgent(pod: Pod): Promise<void> {
  const node = String((await find(pod.ref))?.['spec'].nodeName);
  const [former] = await listAgents(node);
  const metadata = { name: String(former?.metadata?.name), namespace: SYSTEM_NAMESPACE };
  await removeAndWait({ apiVersion: 'v1', kind: 'Pod', metadata });
  await waitUntil(`another agent is ready on ${node}`, async () =>
    (await listAgents(node)).some(isReady),
  );
}

async function listAgents(node: string): Promise<AnyObject[]> {
  const label = `${COMPONENT_LABEL}=${COMPONENTS.agent}`;
  const agents = await list('v1', 'Pod', SYSTEM_NAMESPACE, label);
  return agents.filter((agent) => agent['spec'].nodeName === node);
}

function isReady(agent: AnyObject): boolean {
  const conditions = (agent['status']?.conditions ?? []) as AnyObject[];
  return conditions.some((one) => one['type'] === 'Ready' && one['status'] === 'True');
}
