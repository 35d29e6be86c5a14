// How is etcd started?
import { stackPaths } from '../stack-paths.ts';
import { buildFlags, programPath, type Component } from './component.ts';

export const etcdClientUrl = 'http://127.0.0.1:2379';
const peerUrl = 'http://127.0.0.1:2380';

/** The API server's database. Nothing of it outlives the stack, so it never waits for the disk. */
export function buildEtcd(): Component {
  return {
    name: 'etcd',
    dataFolder: stackPaths.etcd,
    argv: [
      programPath('etcd'),
      ...buildFlags({
        'data-dir': stackPaths.etcd,
        'listen-client-urls': etcdClientUrl,
        'advertise-client-urls': etcdClientUrl,
        'listen-peer-urls': peerUrl,
        'initial-advertise-peer-urls': peerUrl,
        'initial-cluster': `default=${peerUrl}`,
        'unsafe-no-fsync': true,
        'log-level': 'warn',
      }),
    ],
  };
}
