// Does a mountpoint still show a claim that exists no more?
import type { TargetResult } from '../api/node-agent.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * Of the claims that keep others from their mountpoints, those that exist no more: somebody took the finalizer off, or
 * the API server lost them. Their mounts may be taken over; a cache is not believed.
 *
 * @throws KubernetesError the API server refuses or is away
 */
export async function findVanishedOwners(
  { kubernetes }: Pick<Dependencies, 'kubernetes'>,
  namespace: string,
  results: TargetResult[],
): Promise<string[]> {
  const owners = new Set(results.map(({ ownerUid }) => ownerUid).filter(Boolean));
  if (owners.size === 0) return [];
  for (const { metadata } of await kubernetes.listClaims(namespace)) owners.delete(metadata.uid);
  return [...owners];
}
