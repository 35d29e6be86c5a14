// Which claims does the API server know, beyond what the cache shows?
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import type { Dependencies } from './dependencies.ts';

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
