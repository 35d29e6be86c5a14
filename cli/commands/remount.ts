// How does a claim get a fresh source?
import type { Command } from 'commander';
import type { CliContext } from '../context.ts';
import { addSteeringCommand, steer } from '../steer.ts';
import type { SteerOptions } from '../steer.ts';

export function register(program: Command, context: CliContext): void {
  addSteeringCommand(program, 'remount')
    .description(
      'mount a fresh source, with fresh credentials, beneath the present one; open files stay',
    )
    .action((name: string, options: SteerOptions) =>
      steer(context, name, { command: 'remount' }, options),
    );
}
