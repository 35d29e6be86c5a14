// Which pods, on both nodes, have a claim's storage while something happens around them?
import { NODES } from '../node.ts';
import { Scenario, type Claim, type Pod } from '../scenario.ts';
import { expectUndisturbed } from './traffic.ts';

/** A claim that serves a pod on each node. */
export interface TwoNodes {
  scenario: Scenario;
  pods: Pod[];
  claim: Claim;
  /** Whatever happens, both pods read and write on. */
  disturb(action: () => Promise<unknown>): Promise<void>;
}

export async function serveTwoNodes(name: string): Promise<TwoNodes> {
  const scenario = await Scenario.create(name);
  const pods = await Promise.all(NODES.map((nodeName) => scenario.runningPod({ nodeName })));
  const claim = await scenario.claim();
  await claim.waitAttached(2);
  const { bucket } = scenario;
  return {
    scenario,
    pods,
    claim,
    disturb: (action) => expectUndisturbed({ pods, bucket, action }),
  };
}
