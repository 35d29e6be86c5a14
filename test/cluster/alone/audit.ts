// How does a test let the drift audit run, and make something for it to find?
import { AUDIT_SCHEDULE_ID, AUDIT_WORKFLOW_TYPE, DRIVER_NAME } from '../../../api/names.ts';
import { XVOLS_DIR } from '../../../api/paths.ts';
import { waitUntil } from '../../wait-until.ts';
import { find, listEvents } from '../kube.ts';
import { findNodeMounts, runOnNode } from '../node.ts';
import { runOk } from '../programs.ts';
import type { Pod } from '../pod.ts';
import { countWorkflows } from '../workflow.ts';

/** Runs of the audit that have ended, in a certain way if one is named (`Completed`, `Failed`). */
export async function countAudits(how?: string): Promise<number> {
  const status = how ? `ExecutionStatus = '${how}'` : `ExecutionStatus != 'Running'`;
  return await countWorkflows(`WorkflowType = '${AUDIT_WORKFLOW_TYPE}' AND ${status}`);
}

/** Lets the audit run now and waits for its end. */
export async function runAudit(): Promise<void> {
  const before = await countAudits();
  await runOk('temporal', ['schedule', 'trigger', '--schedule-id', AUDIT_SCHEDULE_ID]);
  await waitUntil('an audit has ended', async () => (await countAudits()) > before, 60_000);
}

/** Texts of the Warnings about the CSI driver. */
export async function readAlarms(): Promise<string[]> {
  const driver = { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver' };
  const uid = String((await find({ ...driver, metadata: { name: DRIVER_NAME } }))?.metadata?.uid);
  const events = await listEvents(uid);
  return events.filter((event) => event['type'] === 'Warning').map((event) => event['note']);
}

/** The volume root of a pod on its node. */
export async function findVolumeDir(node: string, pod: Pod): Promise<string> {
  const mounts = await findNodeMounts(node, pod.uid);
  const found = mounts.find((path) => path.startsWith(XVOLS_DIR) && path.endsWith(pod.uid));
  if (!found) throw new Error(`${pod.name} has no volume root on ${node}`);
  return found;
}

/** Shows what is at one mountpoint of a pod at another one too, behind everybody's back. */
export async function mountByHand(node: string, pod: Pod, from: string, to: string): Promise<void> {
  const folder = await findVolumeDir(node, pod);
  await runOnNode(node, 'mkdir', `${folder}/${to}`);
  await runOnNode(node, 'mount', '--bind', `${folder}/${from}`, `${folder}/${to}`);
}

export async function unmountByHand(node: string, pod: Pod, mountpoint: string): Promise<void> {
  await runOnNode(node, 'umount', `${await findVolumeDir(node, pod)}/${mountpoint}`);
}
