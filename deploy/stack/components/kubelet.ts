// How is the kubelet started?
import { addresses } from '../addresses.ts';
import { nodePath, type StackNode } from '../nodes.ts';
import { certificatePath, keyPath, kubeletIdentity } from '../pki.ts';
import { stackPaths } from '../stack-paths.ts';
import { buildFlags, programPath, type Component } from './component.ts';
import { buildKubeconfigFile, kubeconfigPath } from './kubeconfig.ts';

function buildConfiguration(node: StackNode) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    // Two kubelets below one root would end each other's containers.
    cgroupRoot: `/${stackPaths.controlGroup}/${node.name}`,
    containerRuntimeEndpoint: `unix://${stackPaths.containerdSocket}`,
    address: node.address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: stackPaths.caCertificate },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: certificatePath(kubeletIdentity(node)),
    tlsPrivateKeyFile: keyPath(kubeletIdentity(node)),
    clusterDNS: [addresses.dnsService],
    clusterDomain: 'cluster.local',
    resolvConf: nodePath(node, 'resolv.conf'),
    staticPodPath: nodePath(node, 'static-pods'),
    // The default lies in /usr/libexec, where a stack has no business to write.
    volumePluginDir: `${stackPaths.state}/volume-plugins`,
    readOnlyPort: 0,
    failSwapOn: false,
    makeIPTablesUtilChains: false,
    serializeImagePulls: false,
    // A developer's disk is often nearly full; the stack is no reason to start evicting.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
      'nodefs.inodesFree': '1%',
    },
    nodeStatusUpdateFrequency: '5s',
    syncFrequency: '10s',
    volumeStatsAggPeriod: '-1s',
  };
}

/** The node agent of Kubernetes, the real one, on control groups of either version. */
export function buildKubelet(node: StackNode): Component {
  const identity = kubeletIdentity(node);
  const path = nodePath(node, 'kubelet.json');
  return {
    name: `kubelet-${node.name}`,
    folders: [nodePath(node, 'static-pods')],
    files: { ...buildKubeconfigFile(identity), [path]: JSON.stringify(buildConfiguration(node)) },
    argv: [
      programPath('kubelet'),
      ...buildFlags({
        config: path,
        kubeconfig: kubeconfigPath(identity),
        'hostname-override': node.name,
        'node-ip': node.address,
        'root-dir': '/var/lib/kubelet',
        'cert-dir': nodePath(node, 'kubelet-certificates'),
      }),
    ],
  };
}
