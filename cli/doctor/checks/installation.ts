// Is what the chart installs there, and as it has to be? (pure)
import {
  API_VERSION,
  CLAIM_PLURAL,
  CLASS_PLURAL,
  DRIVER_NAME,
  GROUP,
  MOUNT_NAMESPACE,
  SYSTEM_NAMESPACE,
} from '../../../api/names.ts';
import type { Crd, CsiDriver, Deployment, Facts, Namespace, Seen } from '../facts.ts';
import { broken, judgeSeen, ok, warn } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';
import { isBelow } from '../version.ts';

const OLDEST_KUBERNETES = '1.30';
const POD_SECURITY = 'pod-security.kubernetes.io/enforce';
const INSTALL = 'Run `helm upgrade --install` with the chart of dynvol';

export function judgeVersion({ version }: Facts): Verdict {
  if (!isBelow(version, OLDEST_KUBERNETES)) return ok(version);
  return broken(
    `${version}; ${OLDEST_KUBERNETES} or later is needed`,
    'Upgrade the cluster: an older API server lacks the match conditions of webhooks',
  );
}

export function judgeCrds({ crds }: Facts): Verdict {
  return judgeSeen(crds, (found) => {
    const faults = [CLAIM_PLURAL, CLASS_PLURAL].flatMap((plural) => {
      const fault = findCrdFault(found[plural]);
      return fault === undefined ? [] : [`${plural}.${GROUP} ${fault}`];
    });
    if (faults.length === 0) return ok(`${API_VERSION} is served`);
    return broken(
      faults.join('; '),
      'Run `helm upgrade --install` with the chart of the CRDs, dynvol-crds',
    );
  });
}

function findCrdFault(crd: Crd | undefined): string | undefined {
  if (crd === undefined) return 'is missing';
  const established = crd.status?.conditions?.find(({ type }) => type === 'Established');
  if (established?.status !== 'True') {
    return `is not established: ${established?.message ?? 'the API server has not taken it up'}`;
  }
  const version = crd.spec.versions.find(({ name }) => name === API_VERSION);
  return version?.served ? undefined : `does not serve ${API_VERSION}`;
}

/** What the kubelet has to know of the driver: https://kubernetes-csi.github.io/docs/csi-driver-object.html */
const DRIVER_FIELDS: readonly [
  field: string,
  wanted: string,
  read: (driver: CsiDriver) => string | boolean | undefined,
][] = [
  ['attachRequired', 'false', ({ spec }) => spec.attachRequired],
  ['podInfoOnMount', 'true', ({ spec }) => spec.podInfoOnMount],
  ['fsGroupPolicy', 'None', ({ spec }) => spec.fsGroupPolicy],
  ['volumeLifecycleModes', 'Ephemeral', ({ spec }) => spec.volumeLifecycleModes?.join(',')],
];

export function judgeDriver({ driver }: Facts): Verdict {
  return judgeSeen(driver, (found) => {
    if (found === undefined) {
      return broken('is missing: no pod with a volume root can start', INSTALL);
    }
    const faults = DRIVER_FIELDS.flatMap(([field, wanted, read]) => {
      const value = String(read(found) ?? '');
      return value === wanted ? [] : [`spec.${field} is "${value}" and must be ${wanted}`];
    });
    if (faults.length === 0) return ok(DRIVER_NAME);
    return broken(
      faults.join('; '),
      `\`kubectl delete csidriver ${DRIVER_NAME}\`, then install the chart again: some fields cannot be changed`,
    );
  });
}

export function judgeNamespaces({ namespaces }: Facts): Verdict {
  return judgeSeen(namespaces, (found) => {
    const missing = [SYSTEM_NAMESPACE, MOUNT_NAMESPACE].filter((name) => !found[name]);
    if (missing.length > 0) return broken(`${missing.join(' and ')} missing`, INSTALL);
    const system = readPodSecurity(found[SYSTEM_NAMESPACE]);
    if (system !== undefined && system !== 'privileged') {
      return broken(
        `${SYSTEM_NAMESPACE} enforces Pod Security "${system}", which refuses the agents`,
        `kubectl label namespace ${SYSTEM_NAMESPACE} ${POD_SECURITY}=privileged --overwrite`,
      );
    }
    const mounts = readPodSecurity(found[MOUNT_NAMESPACE]);
    if (mounts === 'restricted') return ok('Pod Security as it has to be');
    return warn(
      `${MOUNT_NAMESPACE} enforces Pod Security "${mounts ?? 'nothing'}"; mount pods need no more than restricted`,
      `kubectl label namespace ${MOUNT_NAMESPACE} ${POD_SECURITY}=restricted --overwrite`,
    );
  });
}

function readPodSecurity(namespace: Namespace | undefined): string | undefined {
  return namespace?.metadata.labels?.[POD_SECURITY];
}

export function judgeController({ controller }: Facts): Verdict {
  return judgeDeployment('controller', controller, 'no claim is attached or taken away');
}

export function judgeWebhook({ webhook, admission }: Facts): Verdict {
  const injects = !('value' in admission) || admission.value.mutating !== undefined;
  const consequence = injects
    ? 'pods that ask for a volume root cannot be created'
    : 'claims and classes are not checked';
  return judgeDeployment('webhook', webhook, consequence);
}

function judgeDeployment(
  name: string,
  seen: Seen<Deployment | undefined>,
  consequence: string,
): Verdict {
  return judgeSeen(seen, (deployment) => {
    if (deployment === undefined) return broken(`Deployment ${name} is missing`, INSTALL);
    const wanted = deployment.spec?.replicas ?? 1;
    const ready = deployment.status?.readyReplicas ?? 0;
    const told = `${ready} of ${wanted} ready`;
    const look = `kubectl describe pods -n ${SYSTEM_NAMESPACE} -l app.kubernetes.io/component=${name}`;
    if (ready === 0) return broken(`${told}: ${consequence}`, look);
    return ready < wanted ? warn(told, look) : ok(told);
  });
}
