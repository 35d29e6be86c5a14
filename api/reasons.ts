// What does each reason mean to a person, and what can be done about it? (docs/reference/reasons.md; no workflow imports it)
import type { REASONS } from './conditions.ts';
import { ERRORS } from './errors.ts';
import type { ErrorCode, Retry } from './errors.ts';

/** A reason of a claim's conditions. */
export type Reason = (typeof REASONS)[keyof typeof REASONS] | (typeof ERRORS)[ErrorCode]['reason'];

interface Explanation {
  /** What is the case, or why it failed. */
  cause: string;
  /** What a person can do, or what happens by itself. */
  next: string;
}

/** Reasons of work that goes well, in the order of a claim's life, then of failures, each with cause and next step. */
export const EXPLANATIONS: Record<Reason, Explanation> = {
  Attached: {
    cause: 'The storage serves in every injected, running pod that the claim matches.',
    next: 'Nothing.',
  },
  NoMatchingPods: {
    cause:
      "No pod of the claim's namespace has the labels of `spec.selector`; finished pods do not count.",
    next: 'Nothing, if the pods are yet to come: they are attached as they appear. Else compare `kubectl get pods --show-labels` with the selector.',
  },
  NotInjected: {
    cause:
      'The pods match, but have no volume root: they were made without the annotations, or before the webhook was there.',
    next: 'Put the annotations `storage-provider-class` and `volume-mount-path-root` into the pod template, or switch the injection on for the namespace, and replace the pods.',
  },
  Attaching: {
    cause: 'The storage is being mounted.',
    next: 'Wait. If it takes long, `kubectl describe pod` in `dynvol-mounts` tells what the mount pod waits for.',
  },
  Detaching: {
    cause:
      'The claim is being deleted, or a pod is no longer one of its pods: its mounts are being taken away.',
    next: 'Wait.',
  },
  PodStarting: {
    cause:
      'A matching pod does not run yet: it is not scheduled, pulls its images, or waits for other volumes.',
    next: 'Wait, or mend what the message says of the pod. The storage is attached when the pod runs.',
  },
  Detached: {
    cause: 'Somebody has sent `detach` to the workflow of the claim. It stays so until `attach`.',
    next: 'Run `kubectl dynvol attach`, or send `attach` to the workflow in Temporal.',
  },
  InvalidRequest: {
    cause:
      'A part of the system has refused what another one asked of it: their versions differ, or an object was stored before a rule was made.',
    next: 'Compare the versions of the controller and of the `csi-node` pods; apply the claim and the class again, so that the API server checks them.',
  },
  ClassNotFound: {
    cause:
      'The StorageProviderClass that the claim or its pod names does not exist, or is for another kind of storage.',
    next: 'Create the class, or name another one in `spec.storageProviderClassName`.',
  },
  ClassNotAllowed: {
    cause:
      "`spec.allowedNamespaces` or `spec.allowedEndpoints` of the class excludes the claim's namespace or endpoint, or the endpoint is a loopback, link-local or metadata address.",
    next: 'Name another class or endpoint, or ask the administrator of the class.',
  },
  ClassInvalid: {
    cause: 'A parameter of the class is missing, unknown or not usable; the message names it.',
    next: 'Mend the class.',
  },
  SecretMissing: {
    cause: 'The Secret that the class names does not exist. What is mounted goes on serving.',
    next: 'Create the Secret, or name another one in the class.',
  },
  SecretInvalid: {
    cause:
      'The Secret of the class lacks a key, or the value of a key is empty, too long or contains what no key contains. The message names the key.',
    next: 'Mend the Secret; the new value is used at once.',
  },
  CredentialsRejected: {
    cause: 'The storage does not know the access key, or the secret key does not fit it.',
    next: 'Mend the Secret of the class; the new keys are used at once.',
  },
  AccessDenied: {
    cause: 'The storage knows the keys and denies them this bucket or prefix.',
    next: 'Grant the user of the keys listing and reading of the bucket, and writing unless the claim is read-only.',
  },
  BucketNotFound: {
    cause:
      'There is no bucket of this name at this endpoint, or it lies in another region. A bucket is never created.',
    next: 'Create the bucket, or mend `spec.s3Config.bucket`, `.endpoint` or `.region`.',
  },
  EndpointUnreachable: {
    cause: 'No connection to the endpoint: refused, timed out, or cut.',
    next: 'Look whether the server runs and whether the network policies of `dynvol-mounts` let mount pods reach it.',
  },
  DNSFailed: {
    cause: 'The name of the endpoint cannot be resolved.',
    next: 'Mend `spec.s3Config.endpoint`, or the DNS of the cluster.',
  },
  TLSVerifyFailed: {
    cause:
      "The endpoint's certificate is not signed by a trusted authority, has expired, or is for another name. It is never accepted unchecked.",
    next: "Put the authority's certificate into the key `ca.crt` of the class's Secret, or into `trustedCABundle` of the chart; or renew the certificate.",
  },
  ClockSkew: {
    cause: 'The storage refuses the request because the clock of the node is minutes off.',
    next: 'Set the clock of the node.',
  },
  StorageError: {
    cause: 'The storage answers with an error of its own; the message has its code.',
    next: 'Look at the storage.',
  },
  StorageNotServing: {
    cause: 'The storage was reached, but the mount does not answer in time.',
    next: 'Look at the logs of the mount pods in `dynvol-mounts`.',
  },
  MountHung: {
    cause:
      'The storage client of the mount pod runs and does not answer: whoever reads waits. The agent ends it when that has lasted a minute (`csiNode.hungMountTimeoutSeconds` of the chart) and mounts the storage anew.',
    next: 'Wait. If it comes again, look at the log, the limits and the node of the mount pod that the message names.',
  },
  MountPodNotReady: {
    cause: 'The pod that runs the storage client does not start or does not answer.',
    next: 'Look at it with `kubectl describe pod` in `dynvol-mounts`: the message tells its name and what it waits for.',
  },
  AgentUnreachable: {
    cause:
      'The `csi-node` pod of the node does not run, or the controller cannot reach it, or they do not accept the certificates of each other. What is mounted goes on serving.',
    next: 'Look at the `csi-node` pod of the node in `dynvol-system`, at network policies, and at the certificates.',
  },
  VolumeRootMissing: {
    cause: 'The volume root of the pod is not there yet, or no longer.',
    next: 'Wait; if it stays, replace the pod.',
  },
  MountpointConflict: {
    cause:
      'An older claim has this mountpoint of the pod, or one above or below it; the message names it. Or something else is mounted there.',
    next: 'Delete the other claim, or make a new claim with another mountpoint. When the place becomes free, this claim takes it.',
  },
  MountpointUnusable: {
    cause:
      'In the volume root there is something else where the mountpoint should be: a file, a symbolic link, or a directory that is not empty.',
    next: 'Take it away, or make a new claim with another mountpoint.',
  },
  PropagationMissing: {
    cause:
      'A container mounts the volume root without `mountPropagation: HostToContainer`, so that storage never appears in it; the message names the container.',
    next: 'Let the webhook add the volume root, or mend the volume mount, and replace the pod.',
  },
  Flushing: {
    cause:
      'Files that were written wait for their upload; the message has their number. Only then the storage is taken away or replaced.',
    next: 'Wait, or mend the storage that does not take them. `detach` with `force` gives them up.',
  },
  InUse: {
    cause:
      'A process has a file open, is in a directory, or has a file mapped; the message names pod, container, process and file.',
    next: 'End the process or close the file. When the grace is over, the storage is taken away nevertheless; only what an edit or a remount has replaced waits for as long as it takes.',
  },
  NodeUnsupported: {
    cause: 'The node cannot mount: its kernel is older than 5.15, or has no FUSE.',
    next: 'Update the node, or keep such pods off it.',
  },
  InternalError: {
    cause: 'Something failed that should not; the message has what is known.',
    next: 'It is tried again. Look at the logs of the controller and of the `csi-node` pod of the node, and report it.',
  },
};

/** Reasons that only Events have. */
export const EVENT_EXPLANATIONS: Record<string, Explanation> = {
  ClassInUse: {
    cause: 'On a class: it was deleted and claims still use it; the message names them.',
    next: 'Delete these claims, or let them name another class: then the class goes.',
  },
  AttachFailed: {
    cause: 'On a claim: attaching failed. The message begins with the reason.',
    next: 'See the reason.',
  },
  DetachFailed: {
    cause: 'On a claim: taking the storage away failed. The message begins with the reason.',
    next: 'See the reason.',
  },
  MountRecovered: {
    cause:
      'On a claim: the storage client had ended or hung; the message says what happened. The storage was mounted anew beneath its readers. Files that were open are lost to who had them open.',
    next: 'Nothing. If it comes again, look at the log and the limits of the mount pod.',
  },
  MountPodThrottled: {
    cause:
      'On a claim: the CPU limit of its class slows its mount pod down; the message has the figures.',
    next: 'Raise or remove `mount-cpu-limit` of the class.',
  },
  DriftAuditStopped: {
    cause:
      "On the CSIDriver: more than a tenth of all mounts, and at least five, seem to belong to nobody. That is more likely a fault of what the audit sees, such as objects lost from the API server's database, so it removes nothing.",
    next: 'Look whether claims are missing that should be there, and restore them. If the mounts may go, delete the pods that have them.',
  },
};

const RETRIES: Record<Retry, string> = {
  soon: 'soon, from 1 s',
  slow: 'slowly, and at once when an object changes that it depends on',
};

/** Builds the page of all reasons. */
export function buildReasonsPage(): string {
  return [
    '# Reasons',
    '',
    'Every reason that the conditions and pods of a claim, and Events, can show. The list is closed.',
    '',
    'Generated from `api/reasons.ts` by `npm run generate`; do not edit.',
    '',
    '## Of claims and their pods',
    '',
    ...Object.entries(EXPLANATIONS).flatMap(([reason, row]) => [
      ...formatRow(reason, row),
      ...formatCodes(reason),
    ]),
    '## Of Events alone',
    '',
    ...Object.entries(EVENT_EXPLANATIONS).flatMap(([reason, row]) => formatRow(reason, row)),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function formatRow(reason: string, { cause, next }: Explanation): string[] {
  return [`### ${reason}`, '', cause, '', `**Next:** ${next}`, ''];
}

/** Codes of the agent API and how soon each is tried again; one reason may stand for several. */
function formatCodes(reason: string): string[] {
  const rows = Object.entries(ERRORS).filter(([, row]) => row.reason === reason);
  const codes = rows.map(([code, { retry }]) => `\`${code}\` (tried again ${RETRIES[retry]})`);
  return codes.length === 0 ? [] : [`**Codes:** ${codes.join(', ')}.`, ''];
}
