// With which environments does no process of ours start? (rows 95, 96 and 98)

interface ConfigCase {
  row: number;
  program: 'csi-node' | 'controller' | 'webhook';
  environment: Record<string, string>;
  message: string;
}

const NODE = { NODE_NAME: 'node1' };
const CONTROLLER = {
  TEMPORAL_ADDRESS: 'temporal-frontend.temporal.svc:7233',
  MOUNT_POD_IMAGE: 'dynvol/mount-pod:1',
};

export const REFUSED_CONFIGS: ConfigCase[] = [
  {
    row: 95,
    program: 'csi-node',
    environment: {},
    message: 'NODE_NAME is missing: set it from spec.nodeName',
  },
  {
    row: 95,
    program: 'csi-node',
    environment: { ...NODE, CSI_SOCKET: 'tcp://0.0.0.0:1' },
    message: 'CSI_SOCKET must be an absolute path',
  },
  {
    row: 95,
    program: 'csi-node',
    environment: { CSI_SOCKET: 'csi.sock', REGISTRATION_SOCKET: 'reg.sock' },
    message:
      'NODE_NAME is missing: set it from spec.nodeName; CSI_SOCKET must be an absolute path; REGISTRATION_SOCKET must be an absolute path',
  },
  ...['ten', '-1', '0', '65536'].map((HEALTH_PORT) => ({
    row: 96,
    program: 'csi-node' as const,
    environment: { ...NODE, HEALTH_PORT },
    message: 'HEALTH_PORT must be a port number',
  })),
  {
    row: 96,
    program: 'webhook',
    environment: { PORT: '-1' },
    message: 'PORT: Too small: expected number to be >=1',
  },
  {
    row: 98,
    program: 'controller',
    environment: { ...CONTROLLER, TEMPORAL_ADDRESS: 'https' },
    message: 'TEMPORAL_ADDRESS: must be host:port',
  },
  {
    row: 98,
    program: 'controller',
    environment: {},
    message: 'TEMPORAL_ADDRESS: must be set; MOUNT_POD_IMAGE: must be set',
  },
];
