// How are the stack's namespaces made and entered?
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { addresses, sampleEndpoints } from './addresses.ts';
import { joinControlGroup } from './control-groups.ts';
import { coveredFolders } from './host-changes.ts';
import { buildHolderArgument } from './node-holder.ts';
import { nodePath, nodes, type StackNode } from './nodes.ts';
import { observeChildren, observeProcess, type ProcessIdentity } from './processes.ts';
import { run, startDetached } from './shell.ts';
import { stackPaths } from './stack-paths.ts';
import { waitUntil } from './wait-until.ts';

const ownNamespaces = ['--mount', '--net', '--uts', '--mount-proc'];

/**
 * Starts the first process of a node's own mount, network and UTS namespaces, and gives them their own copy of
 * what a node writes to. The first node's is also PID 1 of the stack: when it ends, the kernel ends everything
 * else, on every node.
 *
 * @param holderProgram a static program that only waits and reaps
 * @param firstHolder PID 1 of the stack, for a node that joins
 */
export async function startNamespaces(
  node: StackNode,
  holderProgram: string,
  firstHolder?: ProcessIdentity,
): Promise<ProcessIdentity> {
  // Joining leaves out the first node's mounts: a copy of them would keep its pods' volumes alive.
  const enter =
    firstHolder === undefined
      ? ['unshare', '--pid', '--fork', '--kill-child']
      : ['nsenter', '-t', String(firstHolder.pid), '-p', '--', 'unshare'];
  const argv = [...enter, ...ownNamespaces, '--', holderProgram, buildHolderArgument(node)];
  const parent = startDetached(argv, { logFile: `${stackPaths.logs}/namespaces.log` });
  parent.unref();
  const holder = await waitForHolder(parent.pid ?? 0, holderProgram);
  // Leaves the caller's session, whose end might end all its members.
  for (const pid of [parent.pid ?? 0, holder.pid]) joinControlGroup(pid);
  await isolate(node, holder.pid);
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

async function isolate(node: StackNode, holderPid: number): Promise<void> {
  const script = ['set -eu', `hostname ${node.name}`, ...buildOwnMounts(node)];
  const argv = ['nsenter', '-t', String(holderPid), '-m', '-n', '-u', '--', 'sh', '-c'];
  await run([...argv, script.join('\n')]);
}

/** Shell lines that make the mounts of a node anew, once all its processes have ended. */
export function buildFreshMounts(node: StackNode): string[] {
  const files = Object.keys(ownFiles).flatMap((path) => findTarget(path) ?? []);
  const own = [...files, ...coveredFolders, '/run'];
  const removals = own.map((path) => `umount --recursive --lazy ${path}`);
  return ['set -eu', 'mount --make-rprivate /', ...removals, ...buildOwnMounts(node)];
}

/** Binds the node's own folders and files over the host's, then lets mounts propagate inside only. */
function buildOwnMounts(node: StackNode): string[] {
  return [
    ...buildFileBinds(node),
    ...coveredFolders.flatMap((folder) => buildFolderBind(node, folder)),
    // Everything was private until now; made shared last, each mount is a peer group of its own.
    'mount --make-rshared /',
  ];
}

/** /run becomes empty; files of /etc that are links into it, as systemd makes them, find a target again. */
function buildFileBinds(node: StackNode): string[] {
  const binds = Object.entries(ownFiles).flatMap(([path, content]) => {
    const source = nodePath(node, basename(path));
    mkdirSync(dirname(source), { recursive: true });
    writeFileSync(source, content);
    const target = findTarget(path);
    if (target === undefined) return [];
    return [
      `mkdir -p ${dirname(target)}`,
      `[ -e ${target} ] || touch ${target}`,
      `mount --bind ${source} ${target}`,
    ];
  });
  return ['mount -t tmpfs -o mode=755 tmpfs /run', 'mkdir -p /run/lock', ...binds];
}

/** Where the host really keeps a file, if it has it. */
function findTarget(path: string): string | undefined {
  return existsSync(path) ? realpathSync(path) : undefined;
}

function buildFolderBind(node: StackNode, folder: string): string[] {
  const source = nodePath(node, `overlays${folder}`);
  mkdirSync(source, { recursive: true });
  return [`mount --bind ${source} ${folder}`];
}

function readCommandLine(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

const resolvConf = `nameserver ${addresses.dns}\nsearch cluster.local\n`;

const hosts = `127.0.0.1 localhost
${nodes.map(({ address, name }) => `${address} ${name}`).join('\n')}
${addresses.node} temporal-frontend.temporal.svc
${addresses.s3Tls} s3.storage.svc ${sampleEndpoints.tls}
${addresses.s3Plain} ${sampleEndpoints.plain}
`;

/** Files of which every node has its own. */
const ownFiles = { '/etc/resolv.conf': resolvConf, '/etc/hosts': hosts };
