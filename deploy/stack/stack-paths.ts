// Where on the machine does the stack keep things?

const state = '/var/lib/dynvol-stack';

/** Absolute paths of the stack, the same on the host and inside its namespaces. */
export const stackPaths = {
  state,
  /** Programs of the stack: first on PATH inside. */
  bin: `${state}/bin`,
  stateFile: `${state}/state.json`,
  /** What `up` changed on the host and `down` puts back. */
  hostChangesFile: `${state}/host-changes.json`,
  logs: `${state}/log`,
  config: `${state}/config`,
  pki: `${state}/pki`,
  /** Certificate of the authority that signed every certificate of the stack, S3's too. */
  caCertificate: `${state}/pki/ca.crt`,
  kubeconfigs: `${state}/kubeconfig`,
  adminKubeconfig: `${state}/kubeconfig/admin`,
  /** JSON lines, one for each API request, at the Metadata level. */
  auditLog: `${state}/log/audit.log`,
  s3Data: `${state}/s3/data`,
  s3Users: `${state}/s3/users`,
  /** Every request to S3, in Amazon's format of server access logs. */
  s3AccessLog: `${state}/log/s3-access.log`,
  temporal: `${state}/temporal`,
  etcd: `${state}/etcd`,
  /** Each node has its own /run. */
  containerdSocket: '/run/containerd/containerd.sock',
  lockFile: '/run/dynvol-stack.lock',
  /** Name of the control group below which every process of the stack lives. */
  controlGroup: 'dynvol-stack',
} as const;
