// How are the stack's namespaces made and entered?
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { addresses, sampleEndpoints } from './addresses.ts';
import { joinControlGroup } from './control-groups.ts';
import { coveredFolders } from './host-changes.ts';
import { observeChildren, observeProcess, type ProcessIdentity } from './processes.ts';
import { run, startDetached } from './shell.ts';
import { stackPaths } from './stack-paths.ts';
import { waitUntil } from './wait-until.ts';
import { configPath } from './components/component.ts';

/** An argument of the holder that tells it apart in a list of processes. */
const holderMark = 'dynvol-stack-holder';

/**
 * Starts the first process of new mount, network, UTS and PID namespaces, and gives them their own copy of
 * what the stack writes to. When that process ends, the kernel ends everything else in them.
 *
 * @param holderProgram a static program that only waits and reaps; it runs as PID 1
 */
export async function startNamespaces(holderProgram: string): Promise<ProcessIdentity> {
  const flags = ['--mount', '--net', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const parent = startDetached(['unshare', ...flags, '--', holderProgram, holderMark], {
    logFile: `${stackPaths.logs}/namespaces.log`,
  });
  parent.unref();
  const holder = await waitForHolder(parent.pid ?? 0, holderProgram);
  // Leaves the caller's session, whose end might end all its members.
  for (const pid of [parent.pid ?? 0, holder.pid]) joinControlGroup(pid);
  await isolate(holder.pid);
  return holder;
}

/**
 * The command line that runs another one inside.
 *
 * The command gets SIGTERM when the process started with this command line dies: entering a PID namespace
 * needs a fork, and the waiting parent does not pass signals on.
 *
 * @param cwd absolute; the command starts there
 */
export function buildEnterArgv(holderPid: number, argv: readonly string[], cwd: string): string[] {
  const enter = ['nsenter', '-t', String(holderPid), '-m', '-n', '-u', '-p', '--'];
  return [...enter, 'setpriv', '--pdeathsig', 'TERM', '--', 'env', '-C', cwd, ...argv];
}

async function waitForHolder(parentPid: number, program: string): Promise<ProcessIdentity> {
  let holder: ProcessIdentity | undefined;
  await waitUntil(
    'the namespaces exist',
    () => {
      const pid = observeChildren(parentPid)[0];
      // Before it has become the program, its /proc is not mounted yet.
      if (pid === undefined || !readCommandLine(pid).startsWith(program)) return false;
      holder = observeProcess(pid);
      return holder !== undefined;
    },
    10_000,
  );
  if (holder === undefined) throw new Error('The first process of the namespaces ended at once');
  return holder;
}

/** Binds the stack's own folders and files over the host's, then lets mounts propagate inside only. */
async function isolate(holderPid: number): Promise<void> {
  const script = ['set -eu', `hostname ${addresses.nodeName}`];
  script.push(...buildFileBinds(), ...coveredFolders.flatMap(buildFolderBind));
  // Everything was private until now; made shared last, each mount is a peer group of its own.
  script.push('mount --make-rshared /');
  const argv = ['nsenter', '-t', String(holderPid), '-m', '-n', '-u', '--', 'sh', '-c'];
  await run([...argv, script.join('\n')]);
}

/** /run becomes empty; files of /etc that are links into it, as systemd makes them, find a target again. */
function buildFileBinds(): string[] {
  const files = Object.entries({ '/etc/resolv.conf': resolvConf, '/etc/hosts': hosts });
  const binds = files.flatMap(([path, content]) => {
    const source = configPath(basename(path));
    writeFileSync(source, content);
    if (!existsSync(path)) return [];
    const target = realpathSync(path);
    return [
      `mkdir -p ${dirname(target)}`,
      `[ -e ${target} ] || touch ${target}`,
      `mount --bind ${source} ${target}`,
    ];
  });
  return ['mount -t tmpfs -o mode=755 tmpfs /run', 'mkdir -p /run/lock', ...binds];
}

function buildFolderBind(folder: string): string[] {
  const source = `${stackPaths.overlays}${folder}`;
  mkdirSync(source, { recursive: true });
  return [`mount --bind ${source} ${folder}`];
}

function readCommandLine(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

const resolvConf = `nameserver ${addresses.dns}\nsearch cluster.local\n`;

const hosts = `127.0.0.1 localhost
${addresses.node} ${addresses.nodeName} temporal-frontend.temporal.svc
${addresses.s3Tls} s3.storage.svc ${sampleEndpoints.tls}
${addresses.s3Plain} ${sampleEndpoints.plain}
`;
