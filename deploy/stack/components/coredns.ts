// How is the cluster's DNS started, and what does it answer?
import { addresses, sampleEndpoints } from '../addresses.ts';
import { configPath, programPath, type Component } from './component.ts';
import { buildKubeconfigFile, kubeconfigPath } from './kubeconfig.ts';

const path = configPath('Corefile');

function buildNameBlock(name: string, address: string): string {
  return `${name}:53 {
  bind ${addresses.dns}
  hosts {
    ${address} ${name}
  }
}
`;
}

/** Cluster names, the samples' two endpoints, and a quick NXDOMAIN for everything else. */
function buildCorefile(): string {
  return `cluster.local:53 in-addr.arpa:53 ip6.arpa:53 {
  bind ${addresses.dns}
  errors
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfigPath('coredns')}
    ttl 1
  }
}
${buildNameBlock(sampleEndpoints.tls, addresses.s3Tls)}${buildNameBlock(sampleEndpoints.plain, addresses.s3Plain)}.:53 {
  bind ${addresses.dns}
  template ANY ANY {
    rcode NXDOMAIN
    authority ". 60 IN SOA stack. stack. 1 60 60 60 60"
  }
}
`;
}

/** The cluster's DNS, a process behind the Service `kube-dns`. It never asks another server. */
export function buildCoredns(): Component {
  return {
    name: 'coredns',
    files: { ...buildKubeconfigFile('coredns'), [path]: buildCorefile() },
    argv: [programPath('coredns'), '-conf', path],
  };
}
