// How is kube-proxy started?
import { addresses } from '../addresses.ts';
import { nodePath, type StackNode } from '../nodes.ts';
import { buildFlags, programPath, type Component } from './component.ts';
import { buildKubeconfig } from './kubeconfig.ts';

/** Services by nftables rules, which live and die with the network namespace. */
export function buildKubeProxy(node: StackNode): Component {
  const path = nodePath(node, 'kube-proxy.json');
  const kubeconfig = nodePath(node, 'kube-proxy.kubeconfig');
  const configuration = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig },
    hostnameOverride: node.name,
    clusterCIDR: addresses.podCidr,
    // The conntrack limits belong to the whole machine: zero leaves them alone.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    nftables: { minSyncPeriod: '100ms' },
  };
  return {
    name: `kube-proxy-${node.name}`,
    files: { [kubeconfig]: buildKubeconfig('kube-proxy'), [path]: JSON.stringify(configuration) },
    argv: [programPath('kube-proxy'), ...buildFlags({ config: path })],
  };
}
