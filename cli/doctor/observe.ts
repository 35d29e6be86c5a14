// What is there in the cluster, as far as whoever asks may see it?
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import {
  API_VERSION,
  CLAIM_PLURAL,
  CLASS_PARAMETERS,
  CLASS_PLURAL,
  COMPONENT_LABEL,
  COMPONENTS,
  DRIVER_NAME,
  GROUP,
  MOUNT_NAMESPACE,
  SYSTEM_NAMESPACE,
} from '../../api/names.ts';
import type { StorageProviderClass } from '../../api/storage-provider-class.ts';
import type { PodView } from '../../watch/cluster-view.ts';
import { METADATA_ONLY } from '../../watch/kubernetes-connection.ts';
import { find, namespacedPath } from '../../watch/kubernetes-requests.ts';
import { projectPod } from '../../watch/projections.ts';
import { isStaying } from '../../watch/pod-state.ts';
import { CliError } from '../cli-error.ts';
import type {
  Admission,
  AnnotatedPod,
  ClassSecret,
  ControllerHealth,
  Crd,
  CsiDriver,
  CsiNode,
  DaemonSet,
  Deployment,
  Facts,
  MountPod,
  Namespace,
  Node,
  Seen,
  ServedCertificate,
  WebhookConfiguration,
} from './facts.ts';
import { readHealth, readServedCertificate } from './probe.ts';
import { list, read, readAll } from './read.ts';
import type { Context } from './read.ts';
import { see, seeFrom } from './see.ts';

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';
const GROUP_PATH = `/apis/${GROUP}/${API_VERSION}`;
const FORWARD = `get and create pods/portforward in ${SYSTEM_NAMESPACE}`;

/**
 * Looks at everything at once.
 * @throws KubernetesError or a failure of the network: the API server does not answer at all
 */
export async function observe(context: Context): Promise<Facts> {
  const version = await readVersion(context);
  const [cluster, ours, work] = await Promise.all([
    observeCluster(context),
    observeOurs(context),
    observeWork(context),
  ]);
  context.signal.throwIfAborted();
  return { now: context.now(), version, ...cluster, ...ours, ...work };
}

async function readVersion({ kubernetes, signal }: Context): Promise<string> {
  const answer = await kubernetes().send({ method: 'GET', path: '/version' }, signal);
  return (answer as { gitVersion: string }).gitVersion;
}

async function observeCluster(context: Context) {
  const [crds, driver, namespaces, nodes, csiNodes, dns] = await Promise.all([
    see('get customresourcedefinitions', () => readCrds(context)),
    see('get csidrivers', () =>
      read<CsiDriver>(context, `/apis/storage.k8s.io/v1/csidrivers/${DRIVER_NAME}`),
    ),
    see('get namespaces', () => readNamespaces(context)),
    see('list nodes', () => list<Node>(context, '/api/v1/nodes')),
    see('list csinodes', () => list<CsiNode>(context, '/apis/storage.k8s.io/v1/csinodes')),
    see('get services and list endpointslices in kube-system', () => countDns(context)),
  ]);
  return { crds, driver, namespaces, nodes, csiNodes, dns };
}

function readCrds(context: Context): Promise<Record<string, Crd | undefined>> {
  const root = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const plurals = [CLAIM_PLURAL, CLASS_PLURAL];
  return readAll(
    context,
    Object.fromEntries(plurals.map((each) => [each, `${root}/${each}.${GROUP}`])),
  );
}

function readNamespaces(context: Context): Promise<Record<string, Namespace | undefined>> {
  const names = [SYSTEM_NAMESPACE, MOUNT_NAMESPACE];
  return readAll(
    context,
    Object.fromEntries(names.map((each) => [each, `/api/v1/namespaces/${each}`])),
  );
}

async function countDns(context: Context): Promise<number | undefined> {
  const namespace = 'kube-system';
  const service = await read(
    context,
    namespacedPath('/api/v1', 'services', { namespace, name: 'kube-dns' }),
  );
  if (service === undefined) return undefined;
  const slices = await list<{
    endpoints?: { addresses: string[]; conditions?: { ready?: boolean } }[];
  }>(context, namespacedPath('/apis/discovery.k8s.io/v1', 'endpointslices', { namespace }), {
    labelSelector: 'kubernetes.io/service-name=kube-dns',
  });
  const ready = slices
    .flatMap(({ endpoints }) => endpoints ?? [])
    .filter(
      // Absent counts as ready (discovery.k8s.io/v1 EndpointConditions).
      ({ conditions }) => conditions?.ready !== false,
    );
  return new Set(ready.flatMap(({ addresses }) => addresses)).size;
}

async function observeOurs(context: Context) {
  const apps = (plural: string, name: string): string =>
    namespacedPath('/apis/apps/v1', plural, { namespace: SYSTEM_NAMESPACE, name });
  const readPart = <T>(plural: string, name: string) =>
    see(`get ${plural} in ${SYSTEM_NAMESPACE}`, () => read<T>(context, apps(plural, name)));
  const [controller, webhook, agents, pods, admission] = await Promise.all([
    readPart<Deployment>('deployments', 'controller'),
    readPart<Deployment>('deployments', 'webhook'),
    readPart<DaemonSet>('daemonsets', 'csi-node'),
    see(`list pods in ${SYSTEM_NAMESPACE}`, () => listOurPods(context)),
    see('get webhook configurations and mutatingadmissionpolicies', () => readAdmission(context)),
  ]);
  const [health, served] = await Promise.all([
    seeFrom(pods, FORWARD, (all) => readAllHealth(context, all)),
    seeFrom(pods, FORWARD, (all) => readCertificate(context, all, admission)),
  ]);
  return { controller, webhook, agents, agentPods: pickAgents(pods), admission, health, served };
}

async function listOurPods(context: Context): Promise<PodView[]> {
  const path = namespacedPath('/api/v1', 'pods', { namespace: SYSTEM_NAMESPACE });
  return (await list(context, path)).map(projectPod);
}

function ofComponent(pods: readonly PodView[], component: string): PodView[] {
  return pods.filter((pod) => pod.labels[COMPONENT_LABEL] === component && isStaying(pod));
}

function pickAgents(pods: Seen<PodView[]>): Seen<PodView[]> {
  return 'value' in pods ? { value: ofComponent(pods.value, COMPONENTS.agent) } : pods;
}

async function readAdmission(context: Context): Promise<Admission> {
  const { mutating, validating, warning, policy } = await readAll<WebhookConfiguration>(context, {
    mutating: `${REGISTRATION}/mutatingwebhookconfigurations/dynvol`,
    validating: `${REGISTRATION}/validatingwebhookconfigurations/dynvol`,
    warning: `${REGISTRATION}/validatingwebhookconfigurations/dynvol-pods`,
    policy: `${REGISTRATION}/mutatingadmissionpolicies/dynvol-pods`,
  });
  return {
    ...(mutating ? { mutating } : {}),
    ...(validating ? { validating } : {}),
    ...(warning ? { warning } : {}),
    hasPolicy: policy !== undefined,
  };
}

async function readAllHealth(
  context: Context,
  pods: readonly PodView[],
): Promise<ControllerHealth[]> {
  const running = ofComponent(pods, COMPONENTS.controller).filter(
    ({ phase }) => phase === 'Running',
  );
  if (running.length === 0) throw new CliError('no controller runs');
  return Promise.all(running.map(({ name }) => readHealth(context, name)));
}

async function readCertificate(
  context: Context,
  pods: readonly PodView[],
  admission: Seen<Admission>,
): Promise<ServedCertificate> {
  const webhook = ofComponent(pods, COMPONENTS.webhook).find(({ ready }) => ready);
  if (webhook === undefined) throw new CliError('no webhook is ready');
  if (!('value' in admission)) throw new CliError('the CA bundle is not known');
  const bundle = admission.value.validating?.webhooks?.[0]?.clientConfig?.caBundle;
  if (bundle === undefined) throw new CliError('there is no CA bundle');
  return readServedCertificate(context, webhook, Buffer.from(bundle, 'base64').toString());
}

async function observeWork(context: Context) {
  const [mountPods, { claims, namespace }, classes] = await Promise.all([
    see(`list pods in ${MOUNT_NAMESPACE}`, () => listMountPods(context)),
    seeClaims(context),
    see('list storageproviderclasses', () =>
      list<StorageProviderClass>(context, `${GROUP_PATH}/${CLASS_PLURAL}`),
    ),
  ]);
  const where = namespace === undefined ? 'all namespaces' : namespace;
  const [pods, secrets] = await Promise.all([
    see(`list pods in ${where}`, () => listStayingPods(context, namespace)),
    'value' in classes ? findSecrets(context, classes.value) : [],
  ]);
  return { mountPods, claims, classes, pods, secrets, ...(namespace ? { namespace } : {}) };
}

/** A developer sees a namespace of theirs alone: better that than nothing. */
async function seeClaims(
  context: Context,
): Promise<{ claims: Seen<DynamicVolumeClaim[]>; namespace?: string }> {
  const everywhere = await see('list dynamicvolumeclaims in all namespaces', () =>
    list<DynamicVolumeClaim>(context, `${GROUP_PATH}/${CLAIM_PLURAL}`),
  );
  if (!('needs' in everywhere)) return { claims: everywhere };
  const namespace = context.namespace();
  const claims = await see(`list dynamicvolumeclaims in ${namespace}`, () =>
    list<DynamicVolumeClaim>(context, namespacedPath(GROUP_PATH, CLAIM_PLURAL, { namespace })),
  );
  return { claims, namespace };
}

interface PodMetadata {
  metadata: { creationTimestamp: string; annotations?: Record<string, string> };
}

async function listMountPods(context: Context): Promise<MountPod[]> {
  const path = namespacedPath('/api/v1', 'pods', { namespace: MOUNT_NAMESPACE });
  const pods = await list<PodMetadata>(context, path);
  return pods.map((pod) => ({
    view: projectPod(pod),
    createdAt: new Date(pod.metadata.creationTimestamp),
  }));
}

async function listStayingPods(
  context: Context,
  namespace: string | undefined,
): Promise<AnnotatedPod[]> {
  const path =
    namespace === undefined ? '/api/v1/pods' : namespacedPath('/api/v1', 'pods', { namespace });
  const pods = await list<PodMetadata>(context, path);
  return pods
    .map((pod) => ({ view: projectPod(pod), annotations: pod.metadata.annotations ?? {} }))
    .filter(({ view }) => isStaying(view));
}

/** A class without these parameters is told of as what it is. */
async function findSecrets(
  context: Context,
  classes: readonly StorageProviderClass[],
): Promise<ClassSecret[]> {
  const named = classes.flatMap(({ metadata, spec }) => {
    const namespace = spec.parameters[CLASS_PARAMETERS.secretNamespace];
    const name = spec.parameters[CLASS_PARAMETERS.secretName];
    return namespace && name ? [{ className: metadata.name, namespace, name }] : [];
  });
  return Promise.all(
    named.map(async (secret) => ({
      ...secret,
      exists: await see(`get secrets in ${secret.namespace}`, () => hasSecret(context, secret)),
    })),
  );
}

/** Without its values: nobody here wants them. */
async function hasSecret(
  { kubernetes, signal }: Context,
  secret: { namespace: string; name: string },
): Promise<boolean> {
  const path = namespacedPath('/api/v1', 'secrets', secret);
  return (await find(kubernetes(), path, signal, METADATA_ONLY)) !== undefined;
}
