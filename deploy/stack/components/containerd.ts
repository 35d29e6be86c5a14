// How is containerd started, and how do pods get their network?
import { nodePath, type StackNode } from '../nodes.ts';
import { stackPaths } from '../stack-paths.ts';
import { programPath, type Component } from './component.ts';

/**
 * `ptp`, not `bridge`: every packet between two pods is routed by the node, so that a pod reaches a
 * Service whose only backend sits on the same node (a bridge would carry the answer past conntrack).
 */
function buildPodNetwork(node: StackNode) {
  const ipam = {
    type: 'host-local',
    dataDir: nodePath(node, 'pod-addresses'),
    ranges: [[{ subnet: node.podCidr }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return { cniVersion: '1.0.0', name: 'pods', plugins: [{ type: 'ptp', ipMasq: false, ipam }] };
}

function buildConfiguration(node: StackNode, sandboxImage: string): string {
  const root = nodePath(node, 'containerd');
  return `version = 3
root = "${root}"
state = "/run/containerd"
[grpc]
address = "${stackPaths.containerdSocket}"
[plugins.'io.containerd.internal.v1.opt']
path = "${root}/opt"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "${sandboxImage}"
[plugins.'io.containerd.cri.v1.runtime']
# Machines whose root lacks CAP_SYS_RESOURCE could not start a sandbox otherwise.
restrict_oom_score_adj = true
[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = ["/usr/lib/cni"]
conf_dir = "${nodePath(node, 'cni')}"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = "/usr/sbin/runc"
SystemdCgroup = false
`;
}

/** The container runtime. Its shims are found on PATH, so the stack's programs come first there. */
export function buildContainerd(node: StackNode, sandboxImage: string): Component {
  const path = nodePath(node, 'containerd.toml');
  return {
    name: `containerd-${node.name}`,
    env: { PATH: `${stackPaths.bin}:/usr/sbin:/usr/bin:/sbin:/bin` },
    files: {
      [path]: buildConfiguration(node, sandboxImage),
      [nodePath(node, 'cni/10-pods.conflist')]: JSON.stringify(buildPodNetwork(node)),
    },
    argv: [programPath('containerd'), '--config', path],
  };
}
