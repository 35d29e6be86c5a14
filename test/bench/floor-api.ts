// Floor: how long from creating a claim object to its event on somebody's watch?
import { KubeConfig, Watch } from '@kubernetes/client-node';
import { API_VERSION, CLAIM_PLURAL, GROUP } from '../../api/names.ts';
import { removeAndWait } from '../cluster/kube.ts';
import type { Scenario } from '../cluster/scenario.ts';
import { repeat } from './samples.ts';

/** Claims that match no pod, seen by a watch of our own. */
export async function measureApiToWatch(scenario: Scenario, count: number): Promise<number[]> {
  const config = new KubeConfig();
  config.loadFromDefault();
  const seen = new Map<string, () => void>();
  const path = `/apis/${GROUP}/${API_VERSION}/namespaces/${scenario.namespace}/${CLAIM_PLURAL}`;
  const onEvent = (type: string, object: { metadata: { name: string } }) => {
    if (type === 'ADDED') seen.get(object.metadata.name)?.();
  };
  const request = await new Watch(config).watch(path, {}, onEvent, () => undefined);
  const durationsMs = await repeat(count, async (index) => {
    const name = `floor-${index}`;
    const startMs = performance.now();
    const arrived = new Promise<number>((resolve) => {
      seen.set(name, () => resolve(performance.now() - startMs));
    });
    const claim = await scenario.claim({ name, selector: { app: 'nobody' } });
    const durationMs = await arrived;
    await removeAndWait(claim.ref);
    return durationMs;
  });
  request.abort();
  return durationsMs;
}
