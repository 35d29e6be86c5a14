// How is S3 started?
import { addresses, ports, s3Administrator, s3Region } from '../addresses.ts';
import { certificatePath, keyPath } from '../pki.ts';
import { stackPaths } from '../stack-paths.ts';
import { buildFlags, programPath, type Component } from './component.ts';

/** A gateway serves TLS on all its ports or on none: hence two of them on one folder. */
export function buildS3(): readonly Component[] {
  return [
    buildGateway('s3-tls', `${addresses.s3Tls}:${ports.s3Tls}`, {
      cert: certificatePath('s3'),
      key: keyPath('s3'),
    }),
    buildGateway('s3-plain', `${addresses.s3Plain}:${ports.s3Plain}`, {}),
  ];
}

function buildGateway(name: string, listen: string, tls: Record<string, string>): Component {
  return {
    name,
    env: {
      ROOT_ACCESS_KEY: s3Administrator.accessKeyId,
      ROOT_SECRET_KEY: s3Administrator.secretAccessKey,
    },
    folders: [stackPaths.s3Data, stackPaths.s3Users],
    argv: [
      programPath('versitygw'),
      ...buildFlags({
        port: listen,
        region: s3Region,
        'iam-dir': stackPaths.s3Users,
        'access-log': stackPaths.s3AccessLog,
        ...tls,
      }),
      // Tests change users and expect the other gateway to know at once.
      '--iam-cache-disable',
      ...['--health', '/health', '--quiet'],
      ...['posix', stackPaths.s3Data],
    ],
  };
}
