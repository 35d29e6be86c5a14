// Does what Helm says after an installation name what there is?
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { buildClaimCrd } from '../../../../api/crd.ts';
import { checkoutPath } from '../../../../deploy/images/checkout.ts';
import { findOne, render, runHelm } from './render-chart.ts';

/** NOTES.txt of an installation, without a cluster. */
async function readNotes(...settings: string[]): Promise<string> {
  const set = settings.flatMap((setting) => ['--set', setting]);
  const where = ['--namespace', 'dynvol-system', '--dry-run=client', '--skip-crds'];
  const printed = await runHelm('install', 'x', checkoutPath('deploy/chart'), ...where, ...set);
  const at = printed.indexOf('\nNOTES:\n');
  if (at < 0) throw new Error('Helm has printed no notes');
  return printed.slice(at);
}

it('leads to the check, a sample and the claims', async () => {
  const notes = await readNotes();

  expect(notes).toContain('helm test x --namespace dynvol-system');
  const [, sample = ''] = /kubectl apply -f (\S+)/.exec(notes) ?? [];
  expect(existsSync(checkoutPath(sample))).toBe(true);
  const [, kind] = /kubectl get (\S+)/.exec(notes) ?? [];
  expect(buildClaimCrd().spec.names.shortNames).toContain(kind);
  expect(notes).not.toContain('port-forward');
});

it("leads to the UI of Temporal's development server where there is one", async () => {
  const setting = 'temporal.devServer.enabled=true';
  const notes = await readNotes(setting);
  const [, service = '', port] = /port-forward service\/(\w+) (\d+)/.exec(notes) ?? [];

  const { ports } = findOne(await render(setting), 'Service', service)['spec'];
  expect(ports).toContainEqual(expect.objectContaining({ port: Number(port) }));
});
