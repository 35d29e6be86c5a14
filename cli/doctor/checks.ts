// Which checks are made, in which order? (pure: what depends on another thing comes after it)
import {
  judgeInjection,
  judgeServedCertificate,
  judgeWebhookConfiguration,
} from './checks/admission.ts';
import {
  judgeController,
  judgeCrds,
  judgeDriver,
  judgeNamespaces,
  judgeVersion,
  judgeWebhook,
} from './checks/installation.ts';
import { judgeAgents, judgeKernels, judgeNodes, judgeRegistration } from './checks/nodes.ts';
import { judgeDns, judgeTemporal } from './checks/surroundings.ts';
import {
  judgeClaims,
  judgeClasses,
  judgeMountPods,
  judgePropagation,
  judgeUnseenClaims,
} from './checks/work.ts';
import type { Facts } from './facts.ts';
import type { Verdict } from './verdict.ts';

interface Check {
  name: string;
  judge(facts: Facts): Verdict;
  /** Looks at claims or pods of users, perhaps of one namespace alone. */
  isOfUsers?: true;
}

const CHECKS: readonly Check[] = [
  { name: 'Kubernetes', judge: judgeVersion },
  { name: 'CRDs', judge: judgeCrds },
  { name: 'CSIDriver', judge: judgeDriver },
  { name: 'namespaces', judge: judgeNamespaces },
  { name: 'DNS', judge: judgeDns },
  { name: 'nodes', judge: judgeNodes },
  { name: 'kernels', judge: judgeKernels },
  { name: 'controller', judge: judgeController },
  { name: 'Temporal', judge: judgeTemporal },
  { name: 'webhook', judge: judgeWebhook },
  { name: 'webhook configuration', judge: judgeWebhookConfiguration },
  { name: 'webhook certificate', judge: judgeServedCertificate },
  { name: 'agents', judge: judgeAgents },
  { name: 'registration', judge: judgeRegistration },
  { name: 'classes', judge: judgeClasses },
  { name: 'injection', judge: judgeInjection, isOfUsers: true },
  { name: 'propagation', judge: judgePropagation, isOfUsers: true },
  { name: 'mount pods', judge: judgeMountPods },
  { name: 'workflows', judge: judgeUnseenClaims, isOfUsers: true },
  { name: 'claims', judge: judgeClaims, isOfUsers: true },
];

/** A verdict with the name of its check. */
export interface Finding extends Verdict {
  check: string;
}

export function judgeAll(facts: Facts): Finding[] {
  return CHECKS.map(({ name, judge, isOfUsers }) => {
    const verdict = judge(facts);
    const isPartial = isOfUsers && facts.namespace !== undefined && verdict.level !== 'unchecked';
    const where = isPartial ? `in namespace ${facts.namespace}: ` : '';
    return { check: name, ...verdict, message: `${where}${verdict.message}` };
  });
}
