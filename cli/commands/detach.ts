// How is storage taken away, and kept away, without deleting its claim?
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { DetachCommand } from '../../workflows/messages.ts';
import type { CliContext } from '../context.ts';
import { addSteeringCommand, steer } from '../steer.ts';
import type { SteerOptions } from '../steer.ts';

interface DetachOptions extends SteerOptions {
  force?: boolean;
  grace?: number;
}

export function register(program: Command, context: CliContext): void {
  addSteeringCommand(program, 'detach')
    .description('take the storage away from every pod and keep it away, until attach')
    .option(
      '--grace <seconds>',
      'time for processes that use the storage, 0 to 3600; 30 when absent',
      parseSeconds,
    )
    .option('--force', 'give no grace, and give up files that wait for their upload')
    .action((name: string, options: DetachOptions) =>
      steer(context, name, { command: 'detach', argument: buildArgument(options) }, options),
    );
}

/** What makes no sense the workflow refuses, in one sentence. */
function buildArgument({ force, grace }: DetachOptions): DetachCommand {
  return {
    ...(grace === undefined ? {} : { graceSeconds: grace }),
    ...(force ? { force: true } : {}),
  };
}

function parseSeconds(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number of seconds, 0 to 3600.');
}
