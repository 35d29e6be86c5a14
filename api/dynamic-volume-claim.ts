// What may a user write in a DynamicVolumeClaim, and what do we answer in its status?
import { z } from 'zod';
import { Condition } from './conditions.ts';
import { LabelSelector } from './label-selector.ts';

/** Where in S3 the data of a claim is. */
export const S3Config = z.object({
  bucket: z.string().min(3).max(63).describe('Name of an existing bucket; it is never created.'),
  endpoint: z
    .string()
    .max(2048)
    .describe('URL of the S3 server: http:// or https://, host and optional port.'),
  prefix: z
    .string()
    .max(1024)
    .optional()
    .describe(
      'Folder of the bucket that is shown, such as `team/data`; the whole bucket when absent.',
    ),
  region: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('Region that requests are signed for; us-east-1 when absent.'),
});
export type S3Config = z.infer<typeof S3Config>;

export const DynamicVolumeClaimSpec = z.object({
  selector: LabelSelector.describe(
    "The pods of the claim's own namespace that shall see the storage. Never empty.",
  ),
  mountpoint: z
    .string()
    .min(1)
    .max(512)
    .describe("Path below the pod's volume root; `/data` and `data` are the same. Immutable."),
  readOnly: z.boolean().default(false).describe('Refuse writes through this claim.'),
  storageProvider: z
    .enum(['s3'])
    .optional()
    .describe('Kind of storage; inferred from the provider block when absent.'),
  s3Config: S3Config.describe('Storage of the provider s3.'),
  storageProviderClassName: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('StorageProviderClass to use; the class that the pod was injected with when absent.'),
});
export type DynamicVolumeClaimSpec = z.infer<typeof DynamicVolumeClaimSpec>;

/** What happened to one pod that the selector matches. */
export const ClaimPod = z.object({
  name: z.string().describe('Name of the pod.'),
  uid: z.string().describe('UID of the pod.'),
  node: z.string().optional().describe('Node of the pod.'),
  state: z
    .enum(['Attached', 'Pending', 'Failed', 'NotInjected', 'Detaching'])
    .describe('What the claim is for this pod.'),
  reason: z.string().optional().describe('Reason of a state other than Attached.'),
  message: z.string().optional().describe('What failed and what to do next.'),
});
export type ClaimPod = z.infer<typeof ClaimPod>;

const count = (what: string) => z.number().int().min(0).describe(what);

export const DynamicVolumeClaimStatus = z.object({
  observedGeneration: z.number().int().optional().describe('Generation that this status is about.'),
  conditions: z
    .array(Condition)
    .max(16)
    .optional()
    .describe('Ready, Reconciling and Stalled, in the manner of kstatus.'),
  provider: z.string().optional().describe('Kind of storage in use.'),
  storageProviderClassName: z.string().optional().describe('StorageProviderClass in use.'),
  matched: count('Pods that the selector matches, finished and terminating ones aside.').optional(),
  attached: count('Matching pods in which the storage is served.').optional(),
  failed: count('Matching pods in which attaching or detaching failed.').optional(),
  notInjected: count('Matching pods without a volume root.').optional(),
  attachedOfMatched: z.string().optional().describe('`attached/matched`, for the table.'),
  pods: z.array(ClaimPod).max(20).optional().describe('At most 20 of the pods, failures first.'),
  workflow: z
    .object({
      id: z.string().describe("Id of the claim's workflow."),
      url: z.string().optional().describe("Page of the workflow in Temporal's UI."),
    })
    .optional()
    .describe('The Temporal workflow that looks after the claim.'),
});
export type DynamicVolumeClaimStatus = z.infer<typeof DynamicVolumeClaimStatus>;

export interface DynamicVolumeClaim {
  metadata: {
    namespace: string;
    name: string;
    uid: string;
    generation: number;
    resourceVersion: string;
    creationTimestamp: string;
    deletionTimestamp?: string;
    finalizers?: string[];
  };
  spec: DynamicVolumeClaimSpec;
  status?: DynamicVolumeClaimStatus;
}
