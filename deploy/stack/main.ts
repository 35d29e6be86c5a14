// npm run stack -- up [--nodes 1|2] | down | status [--json] | logs [NAME] | exec COMMAND… | stop, start, restart NAME… | reboot NODE
import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import {
  controlStack,
  ensureStackUp,
  observeStatus,
  spawnInStack,
  stackDown,
  stackPaths,
} from './client.ts';
import { parseNodeCount, UsageError } from './node-count.ts';
import { waitForExit } from './shell.ts';
import { describeStatus } from './status.ts';
import type { StackControl } from './steer.ts';

const usage = `npm run stack -- COMMAND
  up [--nodes 2]  boot what is not running, build what is missing; a second node can be added at any time
  down            stop it and check that nothing is left
  status [--json] what runs, and Temporal's address for a browser
  logs [NAME]     the log of one component, or the names of all
  exec COMMAND…   run a command inside, in this folder
  stop NAME…      end components as a crash would; status names them
  start NAME…     start components that were stopped, as "up" does too
  restart NAME…   both; with --without-data they forget everything (temporal, etcd)
  reboot NODE     end everything on a further node, then start it with what is on its disk`;

/** Each command gives its exit status: 0 is success, 1 failure, 2 wrong usage, 3 stack not up. */
const commands: Record<string, (args: readonly string[]) => Promise<number>> = {
  up: async (args) => {
    await ensureStackUp(print, parseNodeCount(args));
    const [heading = '', ...details] = describeStatus(observeStatus());
    [heading, ...details.slice(-2)].forEach(print);
    return 0;
  },
  down: async () => {
    const leftovers = await stackDown(print);
    leftovers.forEach((leftover) => print(`LEFT BEHIND: ${leftover}`));
    if (leftovers.length === 0) print('Stack is down, and nothing of it is left on this machine');
    return leftovers.length === 0 ? 0 : 1;
  },
  status: async (args) => {
    const status = observeStatus();
    if (args[0] === '--json') print(JSON.stringify(status, null, 2));
    else describeStatus(status).forEach(print);
    return status.running ? 0 : 3;
  },
  logs: ([name]) => printLog(name),
  exec: async (argv) => {
    if (argv.length === 0) return printUsage();
    const child = spawnInStack(argv, { stdio: 'inherit' });
    // The terminal sends these to the command as well, which decides; we only wait for it.
    for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => undefined);
    process.on('SIGTERM', () => child.kill('SIGTERM'));
    return waitForExit(child);
  },
  stop: (names) => forEachName(names, (control, name) => control.stop(name)),
  start: (names) => forEachName(names, (control, name) => control.start(name)),
  restart: (args) => {
    const names = args.filter((name) => name !== '--without-data');
    const withoutData = names.length < args.length;
    return forEachName(names, (control, name) => control.restart(name, withoutData));
  },
  reboot: (names) => forEachName(names, (control, name) => control.reboot(name)),
};

async function forEachName(
  names: readonly string[],
  action: (control: StackControl, name: string) => Promise<void>,
): Promise<number> {
  if (names.length === 0) return printUsage();
  await controlStack(async (control) => {
    for (const name of names) await action(control, name);
  });
  return 0;
}

async function printLog(name: string | undefined): Promise<number> {
  const folder = stackPaths.logs;
  const names = existsSync(folder) ? readdirSync(folder).map((file) => file.slice(0, -4)) : [];
  if (name === undefined || !names.includes(name)) {
    print(`Logs in ${folder}: ${names.join(' ') || 'none'}`);
    return name === undefined ? 0 : 2;
  }
  await pipeline(createReadStream(`${folder}/${name}.log`), process.stdout, { end: false });
  return 0;
}

async function printUsage(): Promise<number> {
  print(usage);
  return 2;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Whoever reads our output may stop early, as `head` does.
process.stdout.on('error', () => process.exit());
const [command = '', ...args] = process.argv.slice(2);
try {
  process.exitCode = await (commands[command] ?? printUsage)(args);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
