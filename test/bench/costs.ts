// What does a claim's life cost, counted at the servers' own side?
import { readFile } from 'node:fs/promises';
import { stackPaths } from '../../deploy/stack/stack-paths.ts';
import type { Claim } from '../cluster/scenario.ts';

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

interface AuditEvent {
  stage: string;
  verb: string;
  user: { username: string };
  objectRef?: { resource?: string; name?: string; namespace?: string };
}

/** Writes to the claim object, the user's own two (create, delete) included; Events are not objects of it. */
export async function countApiWrites(claim: Claim): Promise<number> {
  return (await readRequests(claim)).filter(({ verb }) => WRITES.has(verb)).length;
}

/** What the controllers asked of the claim object. */
export async function countControllerCalls(claim: Claim): Promise<number> {
  const requests = await readRequests(claim);
  return requests.filter(({ user }) => user.username.endsWith(':dynvol-controller')).length;
}

async function readRequests(claim: Claim): Promise<AuditEvent[]> {
  const { name, namespace } = claim.ref.metadata;
  const lines = (await readFile(stackPaths.auditLog, 'utf8')).trimEnd().split('\n');
  return lines
    .filter((line) => line.includes(`"${name}"`))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ stage }) => stage === 'ResponseComplete')
    .filter(({ objectRef }) => objectRef?.resource === 'dynamicvolumeclaims')
    .filter(({ objectRef }) => objectRef?.name === name && objectRef?.namespace === namespace);
}

/** Events in the history of the claim's workflow. */
export async function countHistoryEvents(claim: Claim): Promise<number> {
  return await claim.workflow.countEvents();
}
