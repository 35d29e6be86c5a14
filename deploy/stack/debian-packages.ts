// Which Debian packages are missing, and how are they installed?
import { existsSync, readFileSync } from 'node:fs';
import type { Progress } from './progress.ts';
import { run } from './shell.ts';
import { debianPackages, type DebianPackage } from './versions.ts';

/**
 * Installs what is missing when we are root on Debian. Does not call apt at all when everything is there.
 *
 * @param wanted what the stack needs, when absent
 * @throws Error that lists exactly what is missing when it cannot be installed from here
 */
export async function ensureDebianPackages(
  progress: Progress,
  wanted: readonly DebianPackage[] = debianPackages,
): Promise<void> {
  const missing = observeMissingPackages(wanted);
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  if (!isDebian() || process.getuid?.() !== 0) throw new Error(describeMissing(missing));
  progress(`installing Debian packages: ${names.join(' ')}`);
  // The package lists of a fresh machine are often empty or old; one update mends both.
  await installPackages(names).catch(async () => {
    await run(['apt-get', 'update', '-qq']);
    await installPackages(names);
  });
}

/** Lists the packages whose file is not on this machine. */
function observeMissingPackages(wanted: readonly DebianPackage[]): DebianPackage[] {
  return wanted.filter(({ provides }) => !existsSync(provides));
}

async function installPackages(names: readonly string[]): Promise<void> {
  const options = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  await run(['apt-get', 'install', ...options, ...names], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function isDebian(): boolean {
  return (
    existsSync('/etc/debian_version') && readFileSync('/etc/os-release', 'utf8').includes('debian')
  );
}

function describeMissing(missing: readonly DebianPackage[]): string {
  const lines = missing.map(({ name, provides }) => `  ${name} (for ${provides})`);
  return `Missing, and not to be installed from here (root on Debian could):\n${lines.join('\n')}`;
}
