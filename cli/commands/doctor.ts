// Is everything that storage depends on as it has to be, and what mends what is not?
import type { Command } from 'commander';
import { refuseSelector } from '../claims.ts';
import type { CliContext } from '../context.ts';
import { judgeAll } from '../doctor/checks.ts';
import { observe } from '../doctor/observe.ts';
import { formatReport } from '../doctor/report.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { chooseFormat, formatObject } from '../output/objects.ts';
import { startProgress } from '../output/progress.ts';

export function register(program: Command, context: CliContext): void {
  program
    .command('doctor')
    .description(
      'check the cluster, the installation and all that is mounted; each fault with its fix',
    )
    .action(() => examine(context));
}

async function examine(context: CliContext): Promise<void> {
  const format = chooseFormat(context, ['json', 'yaml']);
  refuseSelector(context);
  const progress = startProgress((words) => context.tell(words));
  progress.show('Looking at the cluster …');
  const findings = judgeAll(await observe(context).finally(() => progress.end()));
  context.print(
    format === undefined
      ? formatReport(findings, context.style)
      : formatObject({ checks: findings }, format),
  );
  if (findings.some(({ level }) => level === 'broken')) context.setExitCode(EXIT_CODES.failed);
}
