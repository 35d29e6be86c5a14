// Which programs are compiled for the stack, from what, and with which flags?
import { fileURLToPath } from 'node:url';
import { versions } from './versions.ts';

/** One compiled part: what `go install` is given and the programs that come out. */
export type Part = {
  name: string;
  version: string;
  /** Arguments of `go install`, after the flags: packages with versions, or `tool` for a module file. */
  packages: readonly string[];
  flags: readonly string[];
  /** Folder with the go.mod that pins a part which no `package@version` can name. */
  moduleFolder?: string;
  /** Name of the installed program -> name we give it. */
  programs: Readonly<Record<string, string>>;
};

const [major, minor] = versions.kubernetes.split('.');
const stripped = ['-trimpath', '-ldflags=-s'];

const kubernetesFlags = [
  '-trimpath',
  '-ldflags',
  [
    '-s -w',
    ...['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((module) => [
      `-X ${module}.gitVersion=v${versions.kubernetes}`,
      `-X ${module}.gitMajor=${major}`,
      `-X ${module}.gitMinor=${minor}`,
      `-X ${module}.gitTreeState=clean`,
    ]),
  ].join(' '),
];

function buildSinglePart(name: keyof typeof versions, packagePath: string): Part {
  return {
    name,
    version: versions[name],
    packages: [`${packagePath}@v${versions[name]}`],
    flags: stripped,
    programs: { [name]: name },
  };
}

const containerdModule = 'github.com/containerd/containerd/v2/cmd';
const containerdPrograms = ['containerd', 'ctr', 'containerd-shim-runc-v2'];

/** Every compiled part. The longest is first, so that its progress is seen at once. */
export const parts: readonly Part[] = [
  {
    name: 'kubernetes',
    version: versions.kubernetes,
    packages: ['tool'],
    flags: kubernetesFlags,
    moduleFolder: fileURLToPath(new URL('./k8s', import.meta.url)),
    programs: {
      'kube-apiserver': 'kube-apiserver',
      'kube-controller-manager': 'kube-controller-manager',
      'kube-scheduler': 'kube-scheduler',
      'kube-proxy': 'kube-proxy',
      kubelet: 'kubelet',
      kubectl: 'kubectl',
      server: 'etcd',
    },
  },
  {
    name: 'containerd',
    version: versions.containerd,
    packages: containerdPrograms.map(
      (program) => `${containerdModule}/${program}@v${versions.containerd}`,
    ),
    flags: stripped,
    programs: Object.fromEntries(containerdPrograms.map((program) => [program, program])),
  },
  buildSinglePart('temporal', 'github.com/temporalio/cli/cmd/temporal'),
  buildSinglePart('versitygw', 'github.com/versity/versitygw/cmd/versitygw'),
  buildSinglePart('rclone', 'github.com/rclone/rclone'),
  {
    // What a mount pod runs: the same rclone with the one backend it needs (mount-pod/rclone).
    name: 'rclone-s3',
    version: versions.rclone,
    packages: ['.'],
    flags: ['-trimpath', '-ldflags', '-s -w'],
    moduleFolder: fileURLToPath(new URL('../../mount-pod/rclone', import.meta.url)),
    programs: { rclone: 'rclone-s3' },
  },
  buildSinglePart('coredns', 'github.com/coredns/coredns'),
  buildSinglePart('helm', 'helm.sh/helm/v4/cmd/helm'),
  buildSinglePart('csi-sanity', 'github.com/kubernetes-csi/csi-test/v5/cmd/csi-sanity'),
];
