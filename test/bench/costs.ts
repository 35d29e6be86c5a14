// What does a claim's life cost, counted at the servers' own side?
import { readFile } from 'node:fs/promises';
import { stackPaths } from '../../deploy/stack/stack-paths.ts';
import { runOk } from '../cluster/programs.ts';
import type { Claim } from '../cluster/scenario.ts';

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

interface AuditEvent {
  stage: string;
  verb: string;
  objectRef?: { resource?: string; name?: string; namespace?: string };
}

/** Writes to the claim object, the user's own two (create, delete) included; Events are not objects of it. */
export async function countApiWrites(claim: Claim): Promise<number> {
  const { name, namespace } = claim.ref.metadata;
  const lines = (await readFile(stackPaths.auditLog, 'utf8')).trimEnd().split('\n');
  return lines
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ stage, verb }) => stage === 'ResponseComplete' && WRITES.has(verb))
    .filter(({ objectRef }) => objectRef?.resource === 'dynamicvolumeclaims')
    .filter(({ objectRef }) => objectRef?.name === name && objectRef?.namespace === namespace)
    .length;
}

/** Events in the history of the claim's workflow. */
export async function countHistoryEvents(claim: Claim): Promise<number> {
  const text = await runOk('temporal', [
    'workflow',
    'describe',
    '-w',
    claim.workflowId,
    '-o',
    'json',
  ]);
  return Number(JSON.parse(text).workflowExecutionInfo.historyLength);
}
