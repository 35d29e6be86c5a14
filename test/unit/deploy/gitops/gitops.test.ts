// Do the files for Argo CD and k9s name what there is?
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ALL_REASONS, CONDITION_TYPES } from '../../../../api/conditions.ts';
import { buildClaimCrd, buildClassCrd } from '../../../../api/crd.ts';
import { API_VERSION, CLAIM_PLURAL, GROUP } from '../../../../api/names.ts';
import { checkoutPath } from '../../../../deploy/images/checkout.ts';

const crds = [buildClaimCrd(), buildClassCrd()];

function read(file: string): unknown {
  return parse(readFileSync(checkoutPath('deploy/gitops', file), 'utf8'));
}

function listMatches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}

describe('argocd-cm.yaml', () => {
  const { data } = read('argocd-cm.yaml') as { data: Record<string, string> };
  const [key = ''] = Object.keys(data);
  const script = data[key] ?? '';

  it('is about claims', () => {
    expect(key).toBe(`resource.customizations.health.${GROUP}_${crds[0]?.spec.names.kind}`);
  });

  it('asks for conditions and reasons that claims have', () => {
    const types = listMatches(script, /\bfound\.(\w+)/g);
    const reasons = listMatches(script, /\breason == "(\w+)"/g);

    expect(new Set(types)).toEqual(new Set(CONDITION_TYPES));
    expect(reasons.length).toBeGreaterThan(0);
    expect(ALL_REASONS).toEqual(expect.arrayContaining(reasons));
  });

  it('answers with what Argo CD takes for a health', () => {
    const statuses = listMatches(script, /\bstatus = "(\w+)"/g);

    expect(statuses.length).toBeGreaterThan(0);
    expect(['Healthy', 'Progressing', 'Degraded', 'Suspended']).toEqual(
      expect.arrayContaining(statuses),
    );
  });
});

describe('k9s-plugins.yaml', () => {
  const { plugins } = read('k9s-plugins.yaml') as {
    plugins: Record<string, { scopes: string[]; args: string[]; shortCut: string }>;
  };

  it.each(Object.entries(plugins))('%s runs a command that there is', (_, { scopes, args }) => {
    const [, command = ''] = /\bdynvol (\w+)/.exec(args.join(' ')) ?? [];

    expect(scopes).toEqual([CLAIM_PLURAL]);
    expect(existsSync(checkoutPath(`cli/commands/${command}.ts`))).toBe(true);
  });

  it('gives each a key of its own', () => {
    const keys = Object.values(plugins).map(({ shortCut }) => shortCut);

    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('k9s-views.yaml', () => {
  const { views } = read('k9s-views.yaml') as {
    views: Record<string, { columns: string[]; sortColumn?: string }>;
  };

  it.each(crds)('shows columns that $metadata.name has, or reads fields', ({ spec }) => {
    const { columns, sortColumn } = views[`${GROUP}/${API_VERSION}/${spec.names.plural}`] ?? {
      columns: [],
    };
    const [version] = spec.versions;
    const printed = (version?.additionalPrinterColumns ?? []).map(({ name }) => name);
    const known = ['NAMESPACE', 'NAME', 'AGE', ...printed.map((name) => name.toUpperCase())];
    const named = columns.filter((column) => !column.includes(':'));

    expect(named.length).toBeGreaterThan(0);
    expect(known).toEqual(expect.arrayContaining(named));
    expect(named).toEqual(expect.arrayContaining(sortColumn?.split(':').slice(0, 1) ?? []));
    const fields = columns.flatMap((column) => /:\.(\w+)\.(\w+)/.exec(column)?.slice(1, 3) ?? []);
    const schema = JSON.stringify(version?.schema.openAPIV3Schema);
    for (const field of fields) expect(schema).toContain(`"${field}":`);
  });
});
