// How is the kubelet started?
import { addresses } from '../addresses.ts';
import { certificatePath, keyPath } from '../pki.ts';
import { stackPaths } from '../stack-paths.ts';
import { buildFlags, configPath, programPath, type Component } from './component.ts';
import { buildKubeconfigFile, kubeconfigPath } from './kubeconfig.ts';

const path = configPath('kubelet.json');

function buildConfiguration() {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${stackPaths.controlGroup}`,
    containerRuntimeEndpoint: `unix://${stackPaths.containerdSocket}`,
    address: addresses.node,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: stackPaths.caCertificate },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: certificatePath('kubelet'),
    tlsPrivateKeyFile: keyPath('kubelet'),
    clusterDNS: [addresses.dnsService],
    clusterDomain: 'cluster.local',
    resolvConf: configPath('resolv.conf'),
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
export function buildKubelet(): Component {
  return {
    name: 'kubelet',
    files: { ...buildKubeconfigFile('kubelet'), [path]: JSON.stringify(buildConfiguration()) },
    argv: [
      programPath('kubelet'),
      ...buildFlags({
        config: path,
        kubeconfig: kubeconfigPath('kubelet'),
        'hostname-override': addresses.nodeName,
        'node-ip': addresses.node,
        'root-dir': '/var/lib/kubelet',
        'cert-dir': `${stackPaths.state}/kubelet-certificates`,
      }),
    ],
  };
}
