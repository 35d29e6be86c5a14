// How does a test take the controller away, and bring it back?
import { COMPONENT_LABEL, COMPONENTS, SYSTEM_NAMESPACE } from '../../../api/names.ts';
import { find, list, mergePatch, type Ref } from '../kube.ts';
import { waitUntil } from '../../wait-until.ts';

const deployment: Ref = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'controller', namespace: SYSTEM_NAMESPACE },
};

/** Sets the number of controllers and waits until exactly so many are there and ready. */
export async function scaleController(replicas: number): Promise<void> {
  await mergePatch(deployment, { spec: { replicas } });
  await waitUntil(
    `${replicas} controllers are ready`,
    async () => {
      const pods = await list(
        'v1',
        'Pod',
        SYSTEM_NAMESPACE,
        `${COMPONENT_LABEL}=${COMPONENTS.controller}`,
      );
      const status = (await find(deployment))?.status;
      return pods.length === replicas && (status?.readyReplicas ?? 0) === replicas;
    },
    120_000,
  );
}

/** Runs something while no controller runs. */
export async function withoutController(work: () => Promise<void>): Promise<void> {
  await scaleController(0);
  try {
    await work();
  } finally {
    await scaleController(1);
  }
}
