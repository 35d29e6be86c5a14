// Where is cert-manager for the pages of the documentation that need it?
import path from 'node:path';
import { ensureParts } from '../../deploy/stack/build-cache.ts';
import type { Progress } from '../../deploy/stack/progress.ts';
import { run } from '../../deploy/stack/shell.ts';

const moduleFolder = path.join(import.meta.dirname, '../documents/cert-manager');
const flags = ['-trimpath', '-ldflags', '-s -w'];

/** Compiles its controllers unless they are there; where they are, and its custom resources, for the pages' prelude. */
export async function ensureCertManager(progress: Progress): Promise<Record<string, string>> {
  const download = ['go', 'mod', 'download', '-json', 'github.com/cert-manager/cert-manager'];
  const downloaded = await run(download, { cwd: moduleFolder });
  const { Version, Dir } = JSON.parse(downloaded) as { Version: string; Dir: string };
  const [name, packages] = ['cert-manager', ['.']];
  const part = {
    name,
    version: Version,
    packages,
    flags,
    moduleFolder,
    programs: { [name]: name },
  };
  const { [name]: program = '' } = await ensureParts(progress, [part]);
  return { CERT_MANAGER: program, CERT_MANAGER_CRDS: path.join(Dir, 'deploy/crds') };
}
