// What do the node agents do? (panels of the dashboard)
import { quantile, rate, type Row } from '../panel.ts';

export const nodes: Row = {
  title: 'Nodes',
  panels: [
    {
      title: 'Mounts by state',
      description: 'As pods see them.',
      kind: 'timeseries',
      unit: 'short',
      queries: [{ expression: 'sum by (state) (dynvol_mounts)', legend: '{{state}}' }],
    },
    {
      title: 'Brought back',
      description:
        'Sources that did not serve and serve again. Each time open files were lost to who had them open.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expression: 'sum by (node) (increase(dynvol_recoveries_total[$__rate_interval]))',
          legend: '{{node}}',
        },
      ],
    },
    {
      title: 'Mounts that cannot be taken away',
      description: 'By why: IN_USE, FLUSHING or another code of the error table.',
      kind: 'timeseries',
      unit: 'short',
      queries: [
        {
          expression: 'sum by (node, reason) (dynvol_unmount_stuck)',
          legend: '{{node}} {{reason}}',
        },
      ],
    },
    {
      title: 'Nodes without an agent',
      description: 'They run pods with a volume root, and no node agent there is ready.',
      kind: 'timeseries',
      unit: 'short',
      queries: [{ expression: 'max(dynvol_nodes_without_agent)', legend: 'nodes' }],
    },
    {
      title: 'Calls of the kubelet (CSI)',
      description: 'How long pods wait for their volume root, and how it ended.',
      kind: 'timeseries',
      unit: 's',
      queries: [
        {
          expression: quantile(
            0.99,
            'dynvol_csi_grpc_duration_seconds',
            ', method',
            '{method=~"Node.*Volume"}',
          ),
          legend: '{{method}} p99',
        },
        {
          expression: rate(
            'dynvol_csi_grpc_duration_seconds_count',
            'method, code',
            '{code!="OK"}',
          ),
          legend: '{{method}} {{code}} a second',
        },
      ],
    },
    {
      title: 'Calls of the controller to agents',
      description: 'Client: with the way to the node; server: as the agent sees it.',
      kind: 'timeseries',
      unit: 's',
      queries: [
        {
          expression: quantile(0.99, 'dynvol_agent_rpc_client_duration_seconds', ', method'),
          legend: '{{method}} client p99',
        },
        {
          expression: quantile(0.99, 'dynvol_agent_rpc_server_duration_seconds', ', method'),
          legend: '{{method}} server p99',
        },
      ],
    },
  ],
};
