// How does storage come back that was detached?
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { addSteeringCommand, steer } from '../steer.ts';
import type { SteerOptions } from '../steer.ts';

export function register(program: Command, context: CliContext): void {
  addSteeringCommand(program, 'attach')
    .description('attach a claim again that was detached')
    .action((name: string, options: SteerOptions) =>
      steer(context, name, { command: 'attach' }, options),
    );
}
