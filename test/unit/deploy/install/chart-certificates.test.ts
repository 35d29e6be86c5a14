// Does each pod get the Secrets that the chart, or cert-manager for it, makes?
import { beforeAll, describe, expect, it } from 'vitest';
import type { AnyObject } from './render-chart.ts';
import { podSpecOf, render } from './render-chart.ts';

/** Secrets that a render makes, or lets cert-manager make. */
function listMade(objects: AnyObject[]): string[] {
  return objects.flatMap(({ kind, metadata, spec }) => {
    if (kind === 'Secret') return [String(metadata?.name)];
    return kind === 'Certificate' ? [String(spec.secretName)] : [];
  });
}

/** Secrets that pods of a render mount. */
function listMounted(objects: AnyObject[]): string[] {
  const volumes = objects.flatMap((object) => podSpecOf(object)?.volumes ?? []);
  return volumes.flatMap(({ secret, projected }) => [
    ...(secret?.secretName ? [secret.secretName] : []),
    ...(projected?.sources ?? []).flatMap((source) => source.secret?.name ?? []),
  ]);
}

describe('Secrets with keys', () => {
  let byHelm: AnyObject[];
  let byCertManager: AnyObject[];
  beforeAll(async () => {
    byHelm = await render();
    byCertManager = await render('certificates.certManager.enabled=true');
  });

  it('are all made by who shall make them', () => {
    expect(listMounted(byHelm)).toHaveLength(3);
    expect(listMade(byHelm)).toEqual(expect.arrayContaining(listMounted(byHelm)));
    expect(listMounted(byCertManager)).toHaveLength(4);
    expect(listMade(byCertManager)).toEqual(expect.arrayContaining(listMounted(byCertManager)));
  });

  it('have other names with cert-manager, so that one can change to it and back', () => {
    const shared = listMade(byHelm).filter((name) => listMade(byCertManager).includes(name));

    expect(shared).toEqual([]);
  });

  it('of cert-manager are signed by the authority that the controller signs with', () => {
    const issuer = byCertManager.find(
      ({ kind, metadata }) => kind === 'Issuer' && metadata?.name === 'dynvol-authority',
    );

    expect(listMounted(byCertManager)).toContain(issuer?.['spec'].ca.secretName);
  });
});
