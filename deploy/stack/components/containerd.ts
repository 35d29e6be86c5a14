// How is containerd started, and how do pods get their network?
import { addresses } from '../addresses.ts';
import { stackPaths } from '../stack-paths.ts';
import { configPath, programPath, type Component } from './component.ts';

const path = configPath('containerd.toml');
const networkFolder = `${stackPaths.config}/cni`;

/**
 * `ptp`, not `bridge`: every packet between two pods is routed by the node, so that a pod reaches a
 * Service whose only backend sits on the same node (a bridge would carry the answer past conntrack).
 */
const podNetwork = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'ptp',
      ipMasq: false,
      ipam: {
        type: 'host-local',
        dataDir: `${stackPaths.state}/pod-addresses`,
        ranges: [[{ subnet: addresses.podCidr }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
};

function buildConfiguration(sandboxImage: string): string {
  return `version = 3
root = "${stackPaths.containerd}"
state = "/run/containerd"
[grpc]
address = "${stackPaths.containerdSocket}"
[plugins.'io.containerd.internal.v1.opt']
path = "${stackPaths.containerd}/opt"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "${sandboxImage}"
[plugins.'io.containerd.cri.v1.runtime']
# Machines whose root lacks CAP_SYS_RESOURCE could not start a sandbox otherwise.
restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["/usr/lib/cni"]
conf_dir = "${networkFolder}"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = "/usr/sbin/runc"
SystemdCgroup = false
`;
}

/** The container runtime. Its shims are found on PATH, so the stack's programs come first there. */
export function buildContainerd(sandboxImage: string): Component {
  return {
    name: 'containerd',
    env: { PATH: `${stackPaths.bin}:/usr/sbin:/usr/bin:/sbin:/bin` },
    files: {
      [path]: buildConfiguration(sandboxImage),
      [`${networkFolder}/10-pods.conflist`]: JSON.stringify(podNetwork),
    },
    argv: [programPath('containerd'), '--config', path],
  };
}
