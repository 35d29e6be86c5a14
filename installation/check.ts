// Is everything of an installation there, and does it answer?
import { API_VERSION, COMPONENTS, GROUP, POD_ANNOTATIONS, SYSTEM_NAMESPACE } from '../api/names.ts';
import { describeError } from '../logging/describe-error.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { KubernetesError } from '../watch/kubernetes-error.ts';
import { createKubernetesApi, PATHS } from '../watch/kubernetes.ts';

/** One thing that must be so. */
export interface Check {
  title: string;
  /** What is wrong and what to do about it, as a sentence; undefined when all is well. */
  findProblem(): Promise<string | undefined>;
}

/** Temporal, as far as it is checked. */
export interface TemporalProbe {
  address: string;
  namespace: string;
  /** Throws what Temporal, or the way to it, says against describing the namespace. */
  describeNamespace(): Promise<void>;
}

/** What no class is called: a pod that names it is refused by who adds volume roots, and by nobody else. */
const NO_CLASS = 'dynvol-check-of-the-installation';

/** Builds the checks in the order in which a person would look. */
export function buildChecks(
  kubernetes: Pick<KubernetesConnection, 'send' | 'stream' | 'close'>,
  temporal: TemporalProbe,
): Check[] {
  const { agent, controller, webhook } = COMPONENTS;
  return [
    {
      title: 'The API server knows claims and classes',
      findProblem: () => findMissingResource(kubernetes),
    },
    {
      title: 'The CSI driver is registered',
      findProblem: async () =>
        (await createKubernetesApi(kubernetes).getDriverUid()) === undefined
          ? `there is no CSIDriver ${GROUP}: install the chart again`
          : undefined,
    },
    buildWorkloadCheck(kubernetes, 'The controller is ready', controller),
    buildWorkloadCheck(kubernetes, 'The webhook is ready', webhook),
    buildWorkloadCheck(kubernetes, 'Every node has its agent', agent),
    {
      title: 'New pods get their volume root',
      findProblem: () => findInjectionProblem(kubernetes),
    },
    { title: 'Temporal answers', findProblem: () => findTemporalProblem(temporal) },
  ];
}

/**
 * Runs all checks, one after another.
 *
 * @param tell gets one line for each
 * @returns how many have found something
 */
export async function runChecks(
  checks: readonly Check[],
  tell: (line: string) => void,
): Promise<number> {
  let failed = 0;
  for (const { title, findProblem } of checks) {
    const problem = await findProblem().catch(describeError);
    tell(problem === undefined ? `ok       ${title}` : `NOT OK   ${title}: ${problem}`);
    if (problem !== undefined) failed += 1;
  }
  return failed;
}

async function findMissingResource(
  kubernetes: Pick<KubernetesConnection, 'send'>,
): Promise<string | undefined> {
  for (const path of [PATHS.claims, PATHS.classes]) {
    try {
      await kubernetes.send({ method: 'GET', path: `${path}?limit=1` });
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.status !== 404) throw error;
      return `${GROUP}/${API_VERSION} is not served: install the chart dynvol-crds`;
    }
  }
  return undefined;
}

interface WorkloadStatus {
  desiredNumberScheduled?: number;
  replicas?: number;
  numberReady?: number;
  readyReplicas?: number;
}

function buildWorkloadCheck(
  kubernetes: Pick<KubernetesConnection, 'send'>,
  title: string,
  component: string,
): Check {
  const plural = component === COMPONENTS.agent ? 'daemonsets' : 'deployments';
  const path = `/apis/apps/v1/namespaces/${SYSTEM_NAMESPACE}/${plural}/${component}`;
  return {
    title,
    async findProblem() {
      const { status } = (await kubernetes.send({ method: 'GET', path })) as {
        status: WorkloadStatus;
      };
      const wanted = status.desiredNumberScheduled ?? status.replicas ?? 0;
      const ready = status.numberReady ?? status.readyReplicas ?? 0;
      if (wanted > 0 && ready >= wanted) return undefined;
      return `${ready} of ${wanted} pods are ready; see why: kubectl -n ${SYSTEM_NAMESPACE} describe pods -l app.kubernetes.io/component=${component}`;
    },
  };
}

/**
 * Asks for a pod of a class that does not exist, as a dry run. Only who adds volume roots knows that there is no such class,
 * so its refusal shows that the API server asks, and is answered.
 */
async function findInjectionProblem(
  kubernetes: Pick<KubernetesConnection, 'send'>,
): Promise<string | undefined> {
  try {
    const path = '/api/v1/namespaces/default/pods?dryRun=All';
    await kubernetes.send({ method: 'POST', path, body: buildProbePod() });
  } catch (error) {
    const told = describeError(error);
    return told.includes('there is no StorageProviderClass of this name') ? undefined : told;
  }
  return 'a pod with our annotations was created and nobody looked at it; is there a MutatingWebhookConfiguration or a MutatingAdmissionPolicy of dynvol?';
}

/** Pod Security *restricted* would admit it. */
function buildProbePod() {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'dynvol-check',
      annotations: {
        [POD_ANNOTATIONS.className]: NO_CLASS,
        [POD_ANNOTATIONS.rootPath]: '/volumes',
      },
    },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'none',
          image: 'none',
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  };
}

async function findTemporalProblem(temporal: TemporalProbe): Promise<string | undefined> {
  const { address, namespace } = temporal;
  try {
    await temporal.describeNamespace();
    return undefined;
  } catch (error) {
    const isUnknown = (error as { code?: number }).code === 5;
    return isUnknown
      ? `${address} has no namespace "${namespace}": make it with "temporal operator namespace create -n ${namespace}"`
      : `${address} says: ${describeError(error)}; see the chart's values temporal.address, temporal.tls and temporal.apiKey`;
  }
}
