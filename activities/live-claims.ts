// Which claims does the API server know, beyond what the cache shows?
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import type { ClaimIdentity } from './contract.ts';
import type { Dependencies } from './dependencies.ts';

/** The claim as the API server has it now; undefined when it is gone, or its name is another claim's by now. */
export async function readLiveClaim(
  { kubernetes }: Pick<Dependencies, 'kubernetes'>,
  { namespace, name, uid }: ClaimIdentity,
): Promise<DynamicVolumeClaim | undefined> {
  const live = await kubernetes.getClaim(namespace, name);
  return live?.metadata.uid === uid ? live : undefined;
}

/** Lists the claims of a namespace from the API server, once each. */
export type LiveClaims = (namespace: string) => Promise<DynamicVolumeClaim[]>;

/** For one look only: what it has read is not read again. */
export function readLiveClaims({ kubernetes }: Pick<Dependencies, 'kubernetes'>): LiveClaims {
  const lists = new Map<string, Promise<DynamicVolumeClaim[]>>();
  return (namespace) => {
    const known = lists.get(namespace) ?? kubernetes.listClaims(namespace);
    lists.set(namespace, known);
    return known;
  };
}
