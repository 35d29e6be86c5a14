// Which versions of the command line, the controller and Kubernetes are at work?
import type { Command } from 'commander';
import { COMPONENT_LABEL, COMPONENTS, SYSTEM_NAMESPACE } from '../../api/names.ts';
import manifest from '../../package.json' with { type: 'json' };
import { namespacedPath } from '../../watch/kubernetes-requests.ts';
import { refuseSelector } from '../claims.ts';
import type { CliContext } from '../context.ts';
import { explainFailure } from '../failures.ts';
import { chooseFormat, formatObject } from '../output/objects.ts';

interface Versions {
  commandLine: string;
  controller?: string;
  kubernetes?: string;
}

export function register(program: Command, context: CliContext): void {
  program
    .command('version')
    .description('versions of this command, the controller and Kubernetes')
    .action(() => printVersions(context));
}

async function printVersions(context: CliContext): Promise<void> {
  const format = chooseFormat(context, ['json', 'yaml']);
  refuseSelector(context);
  const kubernetes = await readKubernetesVersion(context);
  const controller = kubernetes === undefined ? undefined : await readControllerVersion(context);
  const versions: Versions = {
    commandLine: manifest.version,
    ...(controller ? { controller } : {}),
    ...(kubernetes ? { kubernetes } : {}),
  };
  context.print(format === undefined ? formatVersions(versions) : formatObject(versions, format));
}

function formatVersions({ commandLine, controller, kubernetes }: Versions): string {
  return [
    `kubectl dynvol   ${commandLine}`,
    `controller       ${controller ?? 'not known'}`,
    `Kubernetes       ${kubernetes ?? 'not known'}`,
  ].join('\n');
}

/** The version of the command line is told even where no cluster is. */
async function orTell<T>(
  context: CliContext,
  what: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    context.signal.throwIfAborted();
    context.tell(`${what}: ${explainFailure(error, 'the API server').message}.`);
    return undefined;
  }
}

function readKubernetesVersion(context: CliContext): Promise<string | undefined> {
  return orTell(context, 'Kubernetes', async () => {
    const answer = await context
      .kubernetes()
      .send({ method: 'GET', path: '/version' }, context.signal);
    return (answer as { gitVersion?: string }).gitVersion;
  });
}

/** As the images of its pods say; several while it is being upgraded. */
function readControllerVersion(context: CliContext): Promise<string | undefined> {
  return orTell(context, 'Controller', async () => {
    const query = new URLSearchParams({
      labelSelector: `${COMPONENT_LABEL}=${COMPONENTS.controller}`,
    });
    const path = `${namespacedPath('/api/v1', 'pods', { namespace: SYSTEM_NAMESPACE })}?${query.toString()}`;
    const { items } = (await context
      .kubernetes()
      .send({ method: 'GET', path }, context.signal)) as {
      items: { spec: { containers: { image?: string }[] } }[];
    };
    const tags = items.map(({ spec }) => parseImageVersion(spec.containers[0]?.image ?? ''));
    return [...new Set(tags)].sort().join(', ') || undefined;
  });
}

/** Tag of an image, or its digest when it has no tag. */
export function parseImageVersion(image: string): string {
  const [, tag, digest] = /^[^@]*?(?::([^/:@]+))?(?:@(.+))?$/.exec(image) ?? [];
  return tag ?? digest ?? image;
}
