// Which pods have the storage of a claim, on which nodes, through which mount pods?
import type { Command } from 'commander';
import { buildTopology } from '../../console/model/topology.ts';
import { findDetails } from '../claim-detail.ts';
import { listClaims, parseClaimName, readClaim } from '../claims.ts';
import type { CliContext } from '../context.ts';
import { chooseFormat, formatObject } from '../output/objects.ts';
import { formatTree } from '../output/tree.ts';

export function register(program: Command, context: CliContext): void {
  program
    .command('tree')
    .description('claim, its pods by node, and the mount pods that serve them')
    .argument('[name]', 'name of a claim; all of them when absent')
    .action((name: string | undefined) =>
      printTrees(context, name === undefined ? undefined : parseClaimName(name)),
    );
}

async function printTrees(context: CliContext, name: string | undefined): Promise<void> {
  const format = chooseFormat(context, ['json', 'yaml']);
  const claims =
    name === undefined ? (await listClaims(context)).items : [await readClaim(context, name)];
  const { details, gaps } = await findDetails(context, claims);
  for (const gap of gaps) context.tell(`${gap}.`);
  const topologies = details.map(buildTopology);
  if (format === undefined) {
    const trees = topologies.map((topology) => formatTree(topology, context.style));
    if (trees.length > 0) context.print(trees.join('\n\n'));
    else context.tell('There are no claims here.');
  } else {
    context.print(formatObject(name === undefined ? topologies : topologies[0], format));
  }
}
