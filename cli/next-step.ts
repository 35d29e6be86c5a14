// What does a person do next, given the reason of a claim? (pure)
import { EXPLANATIONS } from '../api/reasons.ts';
import type { Reason } from '../api/reasons.ts';
import { MOUNT_NAMESPACE, SECRET_KEYS } from '../api/names.ts';
import type { ClaimDetail } from '../console/model/views.ts';

export interface NextStep {
  /** What is the case. */
  cause: string;
  /** What to do, or what happens by itself. */
  next: string;
  /** The one command to run. */
  command: string;
}

/** What is known for a next step. */
export interface NextStepInput {
  detail: ClaimDetail;
  /** Secret of the claim's class; absent when the user may not read the class, or there is none. */
  secret?: { namespace: string; name: string };
}

type BuildCommand = (input: NextStepInput) => string;

/** One command for each reason; what a person has to fill in stands in capitals. */
const COMMANDS: Record<Reason, BuildCommand> = {
  Attached: ours('top', ' # what it moves'),
  NoMatchingPods: ({ detail }) => `kubectl get pods --show-labels -n ${detail.namespace}`,
  NotInjected: describePod,
  Attaching: ours('wait'),
  Detaching: watchDetaching,
  PodStarting: describePod,
  Detached: ours('attach'),
  InvalidRequest: () => 'kubectl dynvol version',
  ClassNotFound: () => 'kubectl get storageproviderclasses',
  ClassNotAllowed: describeClass,
  ClassInvalid: editClass,
  SecretMissing: createSecret,
  SecretInvalid: patchSecret,
  CredentialsRejected: patchSecret,
  AccessDenied: ours('wait'),
  BucketNotFound: editClaim,
  EndpointUnreachable: () => `kubectl get pods,networkpolicies -n ${MOUNT_NAMESPACE}`,
  DNSFailed: editClaim,
  TLSVerifyFailed: describeClass,
  ClockSkew: describeNode,
  StorageError: ours('logs'),
  StorageNotServing: ours('logs'),
  MountHung: ours('logs'),
  MountPodNotReady: describeMountPod,
  AgentUnreachable: () => 'kubectl dynvol doctor',
  VolumeRootMissing: describePod,
  MountpointConflict: ({ detail }) => `kubectl dynvol get -n ${detail.namespace}`,
  MountpointUnusable: listVolumeRoot,
  PropagationMissing: describePod,
  Flushing: ours('top'),
  InUse: waitForHolder,
  NodeUnsupported: () => 'kubectl get nodes -o wide',
  InternalError: ours('history'),
};

/** Undefined before the first look at a claim, and for a reason of another version. */
export function buildNextStep(input: NextStepInput): NextStep | undefined {
  const { reason } = input.detail;
  if (!isReason(reason)) return undefined;
  return { ...EXPLANATIONS[reason], command: COMMANDS[reason](input) };
}

function isReason(text: string): text is Reason {
  return Object.hasOwn(EXPLANATIONS, text);
}

/** A command of ours about the claim. */
function ours(verb: string, flags = ''): BuildCommand {
  return ({ detail }) => `kubectl dynvol ${verb} ${detail.name} -n ${detail.namespace}${flags}`;
}

function watchDetaching(input: NextStepInput): string {
  return isDeleted(input) ? waitUntilGone(input) : ours('tree')(input);
}

/** A deletion ends by itself. `detach` would take the storage from pods that nobody wants to lose it. */
function waitForHolder(input: NextStepInput): string {
  return isDeleted(input) ? waitUntilGone(input) : describePod(input);
}

function isDeleted({ detail }: NextStepInput): boolean {
  return detail.phase === 'Deleting';
}

const waitUntilGone = ours('wait', ' --for=deleted');

/** The pod that shows the reason, else the first that is not served. */
function findPod({ detail }: NextStepInput) {
  const troubled = detail.pods.filter(({ state }) => state !== 'Attached');
  return troubled.find((pod) => pod.reason === detail.reason) ?? troubled[0];
}

function describePod(input: NextStepInput): string {
  const { namespace } = input.detail;
  const pod = findPod(input);
  return pod
    ? `kubectl describe pod ${pod.name} -n ${namespace}`
    : `kubectl get pods -n ${namespace}`;
}

function listVolumeRoot(input: NextStepInput): string {
  const pod = findPod(input);
  if (pod === undefined) return ours('tree')(input);
  return `kubectl exec ${pod.name} -n ${input.detail.namespace} -- ls -la VOLUME_ROOT`;
}

function describeNode(input: NextStepInput): string {
  const node = findPod(input)?.node;
  return node === undefined ? 'kubectl get nodes -o wide' : `kubectl describe node ${node}`;
}

function describeMountPod(input: NextStepInput): string {
  const mountPod = input.detail.mountPods.find(({ state }) => state !== 'Running');
  return mountPod
    ? `kubectl describe pod ${mountPod.name} -n ${MOUNT_NAMESPACE}`
    : `kubectl get pods -n ${MOUNT_NAMESPACE}`;
}

function describeClass({ detail }: NextStepInput): string {
  return `kubectl describe storageproviderclass ${detail.className}`.trim();
}

function editClass({ detail }: NextStepInput): string {
  return `kubectl edit storageproviderclass ${detail.className}`.trim();
}

function editClaim({ detail }: NextStepInput): string {
  return `kubectl edit dvc ${detail.name} -n ${detail.namespace}`;
}

function createSecret(input: NextStepInput): string {
  if (input.secret === undefined) return describeClass(input);
  const { namespace, name } = input.secret;
  const keys = `--from-literal=${SECRET_KEYS.accessKeyId}=KEY --from-literal=${SECRET_KEYS.secretAccessKey}=SECRET`;
  return `kubectl create secret generic ${name} -n ${namespace} ${keys}`;
}

/** Other keys of the Secret stay as they are. */
function patchSecret(input: NextStepInput): string {
  if (input.secret === undefined) return describeClass(input);
  const { namespace, name } = input.secret;
  const stringData = { [SECRET_KEYS.accessKeyId]: 'KEY', [SECRET_KEYS.secretAccessKey]: 'SECRET' };
  return `kubectl patch secret ${name} -n ${namespace} -p '${JSON.stringify({ stringData })}'`;
}
