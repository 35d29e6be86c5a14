// How do people learn that the drift audit has stopped?
import { DRIVER_NAME } from '../api/names.ts';
import type { Attempt, Dependencies } from './dependencies.ts';
import { buildEvent, recordEvents } from './events.ts';

/**
 * Records a Warning on the CSIDriver object, which stands for the whole installation.
 *
 * @throws KubernetesError the API server refuses or is away
 */
export async function recordAlarm(
  deps: Pick<Dependencies, 'kubernetes' | 'eventCounts'>,
  message: string,
  warn: Attempt['warn'],
): Promise<void> {
  const uid = await deps.kubernetes.getDriverUid();
  if (uid === undefined) return;
  const event = buildEvent(
    { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', name: DRIVER_NAME, uid },
    { type: 'Warning', reason: 'DriftAuditStopped', message },
    new Date(),
  );
  await recordEvents(deps, [event], warn);
}
