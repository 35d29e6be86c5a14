// What is left of a case on the nodes, in Kubernetes and in Temporal?
import { MOUNT_POD_LABELS } from '../../api/names.ts';
import { parseSharingKey } from '../../api/node-agent.ts';
import { STAGE_DIR, XVOLS_DIR } from '../../api/paths.ts';
import { waitUntil } from '../wait-until.ts';
import { list } from './kube.ts';
import { CLAIM_API } from './names.ts';
import { findNodeMounts, listNodeFolder, NODES } from './node.ts';
import type { Pod } from './pod.ts';
import type { Scenario } from './scenario.ts';
import { listWorkflowIds } from './workflow.ts';

/** Milliseconds that may pass after whatever kept something has gone. */
const TIMEOUT_MS = 30_000;

/**
 * Waits until the claims, which must all be asked to go, have left nothing: no object, no finalizer, no
 * class that was asked to go, no running workflow, no mount pod, no mount and no folder. Pods that live keep their empty volume root.
 */
export async function expectNothingLeft(scenario: Scenario, timeoutMs = TIMEOUT_MS): Promise<void> {
  let left: string[] = [];
  await waitUntil(
    `nothing is left of ${scenario.namespace}`,
    async () => {
      left = await listLeft(scenario);
      return left.length === 0;
    },
    timeoutMs,
    () => left.join('; '),
  );
}

async function listLeft(scenario: Scenario): Promise<string[]> {
  const found = await Promise.all([
    listClaims(scenario),
    listDeletedClasses(scenario),
    listWorkflows(scenario),
    listMountPods(scenario),
    ...NODES.map((node) => listStrayStages(node)),
    ...NODES.flatMap((node) => scenario.pods.map((pod) => listOfPod(node, pod))),
  ]);
  return found.flat();
}

async function listClaims({ namespace }: Scenario): Promise<string[]> {
  const claims = await list(CLAIM_API, 'DynamicVolumeClaim', namespace);
  return claims.map((claim) => `claim ${claim.metadata?.name}`);
}

async function listDeletedClasses({ className }: Scenario): Promise<string[]> {
  const classes = await list(CLAIM_API, 'StorageProviderClass');
  return classes
    .filter((cls) => cls.metadata?.name === className && cls.metadata.deletionTimestamp)
    .map(() => `class ${className}`);
}

async function listWorkflows({ namespace }: Scenario): Promise<string[]> {
  const query = `WorkflowId STARTS_WITH 'dvc/${namespace}/' AND ExecutionStatus = 'Running'`;
  return (await listWorkflowIds(query)).map((id) => `workflow ${id}`);
}

async function listMountPods(scenario: Scenario): Promise<string[]> {
  return (await scenario.mountPods()).map((pod) => `mount pod ${pod.metadata?.name}`);
}

/** Parked sources, of any case, whose mount pod has gone. */
async function listStrayStages(node: string): Promise<string[]> {
  // In this order: a mount pod goes after its last source.
  const sourceKeys = await listNodeFolder(node, STAGE_DIR);
  const mountPods = await list('v1', 'Pod', 'dynvol-mounts');
  const sharingKeys = new Set(
    mountPods.map((pod) => pod.metadata?.labels?.[MOUNT_POD_LABELS.sharingKey]),
  );
  return sourceKeys
    .filter((key) => !sharingKeys.has(parseSharingKey(key)))
    .map((key) => `${node}: source ${key}`);
}

async function listOfPod(node: string, pod: Pod): Promise<string[]> {
  const mounts = await findNodeMounts(node, pod.uid);
  const where = `${node}: ${pod.name}`;
  if (await pod.exists()) {
    const ofClaims = mounts.filter((path) => path.startsWith(XVOLS_DIR) && !path.endsWith(pod.uid));
    return ofClaims.map((path) => `${where} has ${path}`);
  }
  return [...mounts, ...(await findVolumeFolders(node, pod.uid))].map((path) => `${where} ${path}`);
}

async function findVolumeFolders(node: string, podUid: string): Promise<string[]> {
  const found: string[] = [];
  for (const className of await listNodeFolder(node, XVOLS_DIR)) {
    for (const uuid of await listNodeFolder(node, `${XVOLS_DIR}/${className}`)) {
      const folder = `${XVOLS_DIR}/${className}/${uuid}`;
      const names = await listNodeFolder(node, folder);
      if (names.includes(podUid)) found.push(`${folder}/${podUid}`);
    }
  }
  return found;
}
