// The bare workflow of the Temporal floor: a local, a normal and a local activity that do nothing.
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

export interface NothingActivities {
  nothing(): Promise<void>;
}

const local = proxyLocalActivities<NothingActivities>({ startToCloseTimeout: '10 seconds' });
const normal = proxyActivities<NothingActivities>({ startToCloseTimeout: '10 seconds' });

/** Three activities in a row. */
export async function threeActivities(): Promise<void> {
  await local.nothing();
  await normal.nothing();
  await local.nothing();
}
