// How is Temporal started?
import { SEARCH_ATTRIBUTES } from '../../../api/names.ts';
import { addresses, ports, temporalNamespace } from '../addresses.ts';
import { stackPaths } from '../stack-paths.ts';
import { buildFlags, programPath, type Component } from './component.ts';

/** Temporal's server and UI in one process, its database in a file. */
export function buildTemporal(): Component {
  return {
    name: 'temporal',
    // Without it the server calls out to ask for newer versions.
    env: { TEMPORAL_VERSION_CHECK_DISABLED: '1', HOME: stackPaths.temporal },
    folders: [stackPaths.temporal],
    dataFolder: stackPaths.temporal,
    argv: [
      programPath('temporal'),
      'server',
      'start-dev',
      ...buildFlags({
        // Not the node's address: the server's own parts look for each other on the loopback.
        ip: '0.0.0.0',
        port: ports.temporal,
        'ui-ip': addresses.node,
        'ui-port': ports.temporalUi,
        'db-filename': `${stackPaths.temporal}/temporal.db`,
        namespace: temporalNamespace,
        'log-level': 'warn',
      }),
      ...Object.values(SEARCH_ATTRIBUTES).flatMap(({ name, type }) => [
        '--search-attribute',
        `${name}=${type}`,
      ]),
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=OFF'],
      // The default lets a shard load 20 tasks a second, and this server has one shard.
      ...['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'],
    ],
  };
}
