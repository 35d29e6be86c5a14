// What does admission ask of the cluster? (live, because a cache may be older than what it is asked about)
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';
import type { PodView } from '../watch/cluster-view.ts';

/** All of them reject when the API server does not answer in time. */
export interface LookUps {
  findClass(name: string): Promise<StorageProviderClass | undefined>;
  findNamespace(name: string): Promise<
    | {
        labels: Record<string, string>;
        annotations: Record<string, string>;
      }
    | undefined
  >;
  listClaims(namespace: string): Promise<DynamicVolumeClaim[]>;
  findPod(namespace: string, name: string): Promise<PodView | undefined>;
}
