// How is the controller manager started?
import { addresses } from '../addresses.ts';
import { keyPath } from '../pki.ts';
import { stackPaths } from '../stack-paths.ts';
import { buildFlags, programPath, type Component } from './component.ts';
import { buildKubeconfigFile, kubeconfigPath } from './kubeconfig.ts';

/** All default controllers; the CNI configuration of each node knows the node's pod range. */
export function buildKubeControllerManager(): Component {
  const kubeconfig = kubeconfigPath('kube-controller-manager');
  return {
    name: 'kube-controller-manager',
    files: buildKubeconfigFile('kube-controller-manager'),
    argv: [
      programPath('kube-controller-manager'),
      ...buildFlags({
        kubeconfig,
        'authentication-kubeconfig': kubeconfig,
        'authorization-kubeconfig': kubeconfig,
        'service-account-private-key-file': keyPath('service-account'),
        'root-ca-file': stackPaths.caCertificate,
        'use-service-account-credentials': true,
        'leader-elect': false,
        'cluster-cidr': addresses.podCidr,
        'allocate-node-cidrs': false,
        'service-cluster-ip-range': addresses.serviceCidr,
        // Its default lies in /usr/libexec of the host, and it would make it.
        'flex-volume-plugin-dir': `${stackPaths.state}/volume-plugins`,
        // At 20 calls a second, the default, the controllers take 4 s to start one after another.
        'kube-api-qps': 500,
        'kube-api-burst': 1000,
        profiling: false,
      }),
    ],
  };
}
