// Which fields does a line of our logs have, and what do they mean?
import { buildWorkflowId } from '../api/names.ts';

/**
 * All fields of all processes, each with one meaning and one type. `docs/how-to/read-the-logs.md` has the same table; a test
 * compares it, and every log call, with this one.
 */
export const LOG_FIELDS = {
  time: 'when, RFC 3339 in UTC, with milliseconds',
  level: '`trace`, `debug`, `info`, `warn`, `error` or `fatal`',
  component: '`controller`, `webhook` or `csi-node`',
  msg: 'what has happened: always the same words for the same fact',
  claim: '`<namespace>/<name>` of a claim',
  claimUid: 'its UID',
  workflowId: "id of its workflow, as in Temporal's UI",
  runId: "id of the workflow's run",
  activity: 'the activity that was being run',
  attempt: 'which attempt of the activity it was, from 1',
  pod: '`<namespace>/<name>` of a pod',
  podUid: 'its UID; the node agent knows no names of pods',
  node: 'name of a node',
  mountPodUid: 'UID of a mount pod',
  mountpoint: 'path below the volume root, without a leading slash',
  sourceKey: 'what is mounted, by which kind of mount pod; `source=` in the mount table',
  sourceKeys: 'several of them',
  err: 'what went wrong, in one sentence',
  code: 'code of the failure (docs/reference/reasons.md), or of a warning of Node',
  stack: 'where in the program it was; of its own faults and warnings alone',
  reason: 'what was told about it, in one sentence',
  state: '`dead`, `hung`, `recovered`, `failing` or `healthy`',
  cause: 'why a source had to be mounted anew',
  targets: 'number of pods and mountpoints that were asked for',
  failed: 'how many of them failed',
  durationMs: 'how long it took, in milliseconds',
  retryInMs: 'when it is tried again, in milliseconds from now',
  method: 'gRPC method that was called',
  peer: 'address of the caller',
  address: 'address that was called, `host:port`',
  port: 'TCP port that is listened on',
  path: 'path of an HTTP request',
  status: 'HTTP status of the answer',
  object: '`<namespace>/<name>` of another Kubernetes object',
  event: 'name of a Kubernetes Event',
  right: 'verb and resource that the API server has refused',
  review: 'UID of an admission review',
  allowed: 'whether it was consented to',
  injected: 'whether a volume root was added',
  answer: 'sentence with which it was refused',
  warnings: 'warnings that were handed to the person',
  metric: 'name of a metric',
  volumeId: 'id of the CSI volume',
  features: 'what the kernel of the node can do',
  signal: 'signal that ends the process',
  tlsDir: 'directory of the certificate',
  renewAt: 'when the certificate of the agent will be renewed',
  certificateUntil: 'when the certificate ends that is still in use',
  logLevel: 'level that lines must have from now on to be written',
  levelFile: 'file that the level is read from',
  details: 'what a library says besides, as JSON text',
  library: '`temporal`: the line was written by that library, in its own words',
} as const;

/** Names of fields. */
export type LogField = keyof typeof LOG_FIELDS;

/** The fields of each line about a claim. */
export function buildClaimFields(claim: {
  namespace: string;
  name: string;
  uid: string;
}): Record<'claim' | 'claimUid' | 'workflowId', string> {
  const { namespace, name, uid } = claim;
  return {
    claim: `${namespace}/${name}`,
    claimUid: uid,
    workflowId: buildWorkflowId({ namespace, name, uid }),
  };
}

const WORKFLOW_ID = /^dvc\/([^/]+)\/(?:([^/]+)\/)?([^/]+)$/;

/** What the id of a claim's workflow tells of the claim; nothing for another workflow. */
export function parseWorkflowId(workflowId: string): { claim?: string; claimUid?: string } {
  const [, namespace, name, claimUid] = WORKFLOW_ID.exec(workflowId) ?? [];
  if (claimUid === undefined) return {};
  return { claimUid, ...(name === undefined ? {} : { claim: `${namespace}/${name}` }) };
}
