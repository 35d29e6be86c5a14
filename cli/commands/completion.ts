// How does a shell complete commands, flags and names?
import { Argument } from 'commander';
import type { Command } from 'commander';
import { listClaims, refuseSelector } from '../claims.ts';
import type { CliContext } from '../context.ts';
import { COMPLETE_COMMAND, COMPLETION_SCRIPTS, DIRECTIVES, SHELLS } from '../completion/scripts.ts';
import type { Shell } from '../completion/scripts.ts';
import { planCompletion } from '../completion/plan.ts';
import type { CompletionPlan, GivenFlags } from '../completion/plan.ts';
import { listObjects } from '../list-objects.ts';
import { chooseFormat } from '../output/objects.ts';

/** Who waits for a completion waits at the keyboard. */
const LOOKUP_DEADLINE_MS = 3_000;

export function register(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('script that lets a shell complete commands, flags and names')
    .addArgument(new Argument('<shell>', 'shell to complete in').choices(SHELLS))
    .action((shell: Shell) => printScript(context, shell));
  program
    .command(COMPLETE_COMMAND, { hidden: true })
    .argument('[words...]', 'words up to the cursor')
    .action((words: string[]) => complete(program, context, words));
}

function printScript(context: CliContext, shell: Shell): void {
  chooseFormat(context, []);
  refuseSelector(context);
  context.print(COMPLETION_SCRIPTS[shell]);
}

async function complete(
  program: Command,
  context: CliContext,
  words: readonly string[],
): Promise<void> {
  const { plan, current, given } = planCompletion(program, words);
  const lines = await findCandidates(program, context, plan, given);
  for (const line of lines) if (line.startsWith(current)) context.print(line);
  context.print(plan.kind === 'files' ? DIRECTIVES.files : DIRECTIVES.wordsOnly);
}

async function findCandidates(
  program: Command,
  context: CliContext,
  plan: CompletionPlan,
  given: GivenFlags,
): Promise<string[]> {
  if (plan.kind === 'words') {
    return plan.words.map(({ word, description }) =>
      description ? `${word}\t${description}` : word,
    );
  }
  for (const [name, value] of Object.entries(given)) program.setOptionValue(name, value);
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(LOOKUP_DEADLINE_MS)]);
  try {
    return await findNames({ ...context, flags: context.flags, signal }, plan.kind);
  } catch {
    // A shell has no place for a reason.
    return [];
  }
}

async function findNames(
  context: Pick<CliContext, 'flags' | 'kubeConfig' | 'kubernetes' | 'namespace' | 'signal'>,
  kind: Exclude<CompletionPlan['kind'], 'words'>,
): Promise<string[]> {
  switch (kind) {
    case 'claims':
      return (await listClaims(context)).items.map(({ metadata }) => metadata.name);
    case 'namespaces':
      return listNamespaces(context);
    case 'contexts':
      return context
        .kubeConfig()
        .getContexts()
        .map(({ name }) => name);
    case 'files':
    case 'nothing':
      return [];
  }
}

async function listNamespaces({
  kubernetes,
  signal,
}: Pick<CliContext, 'kubernetes' | 'signal'>): Promise<string[]> {
  const { items } = await listObjects<{ metadata: { name: string } }>(
    kubernetes(),
    '/api/v1/namespaces',
    {},
    signal,
  );
  return items.map(({ metadata }) => metadata.name);
}
