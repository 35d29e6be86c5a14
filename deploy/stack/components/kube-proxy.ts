// How is kube-proxy started?
import { addresses } from '../addresses.ts';
import { buildFlags, configPath, programPath, type Component } from './component.ts';
import { buildKubeconfigFile, kubeconfigPath } from './kubeconfig.ts';

const path = configPath('kube-proxy.json');

/** Services by nftables rules, which live and die with the network namespace. */
export function buildKubeProxy(): Component {
  const configuration = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: kubeconfigPath('kube-proxy') },
    hostnameOverride: addresses.nodeName,
    clusterCIDR: addresses.podCidr,
    // The conntrack limits belong to the whole machine: zero leaves them alone.
    conntrack: { maxPerCore: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    nftables: { minSyncPeriod: '100ms' },
  };
  return {
    name: 'kube-proxy',
    files: { ...buildKubeconfigFile('kube-proxy'), [path]: JSON.stringify(configuration) },
    argv: [programPath('kube-proxy'), ...buildFlags({ config: path })],
  };
}
