// Does what the tutorial and the how-tos tell to type do what they say? (one page after another)
import { readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findHolder } from '../../../deploy/stack/node-holder.ts';
import { findFaults, type Step } from '../../documents/page.ts';
import { readPages } from '../../documents/pages.ts';
import { run } from '../programs.ts';
import { Product } from './product.ts';

const checkout = path.join(import.meta.dirname, '../../..');
const pages = readPages().filter(({ steps }) => steps.length > 0);
const prelude = path.join(checkout, 'test/documents/prelude.sh');
const timeoutMs = 300_000;

/** The steps of a page as one script, whose n-th step writes to the file n of a folder. */
function buildScript(steps: readonly Step[], folder: string): string {
  const blocks = steps.map(
    ({ line, script }, at) => `line=${line} file=${folder}/${at}\nexec > "$file" 2>&1\n${script}\n`,
  );
  const onExit =
    'status=$?; end_started; [ $status = 0 ] || { echo "line $line: $(tail -n 20 "$file")"; clear_up; exit $status; } >&9';
  return [
    'set -euo pipefail',
    `source ${prelude}`,
    'exec 9>&2',
    `trap '${onExit}' EXIT`,
    ...blocks,
  ].join('\n');
}

/** Such a page leaves the product as it likes. */
function changesInstallation(steps: readonly Step[]): boolean {
  return steps.some(({ script }) => /\bhelm (upgrade|install|uninstall)\b/.test(script));
}

describe('the commands of', () => {
  let folder: string;
  beforeAll(async () => {
    // One of them fills it.
    await mkdir(path.join(checkout, 'dist'), { recursive: true });
    folder = await mkdtemp(path.join(tmpdir(), 'dynvol-documents-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(pages)(
    '$page do what it says',
    async ({ page, steps }) => {
      const place = path.join(folder, page);
      const outputs = path.join(folder, 'outputs', page);
      await mkdir(place, { recursive: true });
      await mkdir(outputs, { recursive: true });
      // As whoever has the repository before them.
      for (const name of readdirSync(checkout))
        await symlink(path.join(checkout, name), path.join(place, name));
      await using _installation = changesInstallation(steps) ? await Product.open() : undefined;

      // A page may choose a namespace for all that follows in it, and nowhere else.
      const enter = `cd ${place}; cp "$KUBECONFIG" kubeconfig; export KUBECONFIG=$PWD/kubeconfig NODE_HOLDER=${findHolder({ name: 'node1' })}\n`;
      const { status, stderr } = await run('bash', ['-c', enter + buildScript(steps, outputs)]);

      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      for (const [at, step] of steps.entries()) {
        const printed = await readFile(path.join(outputs, String(at)), 'utf8');
        const { line } = step;
        expect({ line, printed, faults: findFaults(step, printed) }).toMatchObject({ faults: [] });
      }
    },
    timeoutMs,
  );
});
