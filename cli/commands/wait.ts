// Has a claim become ready, or gone?
import { Option } from 'commander';
import type { Command } from 'commander';
import { parseClaimName } from '../claims.ts';
import type { CliContext } from '../context.ts';
import { parseDuration } from '../duration.ts';
import { chooseFormat } from '../output/objects.ts';
import { waitForClaims } from '../wait-for-claims.ts';
import { WAIT_GOALS } from '../wait-verdict.ts';
import type { WaitGoal } from '../wait-verdict.ts';

interface WaitOptions {
  for: WaitGoal;
  timeout: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;

export function register(program: Command, context: CliContext): void {
  program
    .command('wait')
    .description('wait until claims are ready, or gone')
    .argument('<names...>', 'names of claims')
    .addOption(new Option('--for <goal>', 'what to wait for').choices(WAIT_GOALS).default('ready'))
    .addOption(
      new Option('--timeout <duration>', 'how long to wait for all of them, as 30s or 5m')
        .argParser(parseDuration)
        .default(DEFAULT_TIMEOUT_MS, '1m'),
    )
    .action((names: string[], options: WaitOptions) => {
      chooseFormat(context, []);
      return waitForClaims(context, {
        names: names.map(parseClaimName),
        goal: options.for,
        timeoutMs: options.timeout,
      });
    });
}
