// Does what dynvol depends on answer? (pure)
import { SYSTEM_NAMESPACE } from '../../../api/names.ts';
import type { Facts } from '../facts.ts';
import { broken, count, judgeSeen, listNames, ok, warn } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

/** A controller is ready once it has reached Temporal and read the cluster; it says what it waits for. */
export function judgeTemporal({ health }: Facts): Verdict {
  return judgeSeen(health, (all) => {
    const waiting = all.filter(({ ready }) => !ready);
    const [first] = waiting;
    if (first === undefined) return ok(`reached by ${listNames(all.map(({ pod }) => pod))}`);
    const told = `${first.pod} is ${first.said.trim() || 'not ready'}`;
    if (!first.said.includes('Temporal')) {
      return warn(told, `kubectl logs -n ${SYSTEM_NAMESPACE} ${first.pod}`);
    }
    return broken(
      told,
      `Look whether Temporal runs at \`temporal.address\` of the chart: kubectl logs -n ${SYSTEM_NAMESPACE} ${first.pod}`,
    );
  });
}

/** Endpoints of storage are names; mount pods look them up. */
export function judgeDns({ dns }: Facts): Verdict {
  return judgeSeen(dns, (addresses) => {
    if (addresses === undefined) {
      return {
        level: 'unchecked',
        message:
          'not checked: there is no Service kube-system/kube-dns, so the DNS of the cluster has another name',
      };
    }
    if (addresses > 0) return ok(`${count(addresses, 'server')} behind kube-system/kube-dns`);
    return broken(
      'no server is ready behind kube-system/kube-dns: no endpoint of storage can be looked up',
      'kubectl get pods -n kube-system -l k8s-app=kube-dns',
    );
  });
}
