// Which files of the charts are generated, and which of them are stale? (`npm run generate`)
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format } from 'prettier';
import { stringify } from 'yaml';
import { buildClaimCrd, buildClassCrd } from '../../api/crd.ts';
import { checkoutPath } from '../images/checkout.ts';
import { buildObservabilityFiles } from '../observability/files.ts';
import { readChartValues } from './chart-values.ts';
import { isManifestStale, renderManifest } from './rendered-manifest.ts';
import { buildValuesPage } from './values-page.ts';
import { buildValuesSchema } from './values-schema.ts';

interface GeneratedFile {
  /** Relative to the checkout. */
  file: string;
  content: string;
}

const MANIFEST = 'deploy/install.yaml';

/** Every generated file but the one that Helm renders. */
export async function buildChartFiles(): Promise<GeneratedFile[]> {
  const values = readChartValues(readFileSync(checkoutPath('deploy/chart/values.yaml'), 'utf8'));
  const schema = JSON.stringify(buildValuesSchema(values));
  return [
    ...[buildClaimCrd(), buildClassCrd()].map(buildCrdFile),
    ...buildObservabilityFiles(),
    {
      file: 'deploy/chart/values.schema.json',
      content: await format(schema, { parser: 'json', printWidth: 100, objectWrap: 'collapse' }),
    },
    {
      file: 'docs/reference/chart-values.md',
      content: await format(buildValuesPage(values), { parser: 'markdown', printWidth: 100 }),
    },
  ];
}

/** Uninstalling the chart of the CRDs must never take the claims of a cluster away. */
function buildCrdFile(crd: ReturnType<typeof buildClaimCrd>): GeneratedFile {
  const { metadata } = crd;
  const annotations = { 'helm.sh/resource-policy': 'keep' };
  const kept = { ...crd, metadata: { ...metadata, annotations } };
  return {
    file: `deploy/chart-crds/templates/${metadata.name.split('.')[0]}.yaml`,
    content: `# Generated from api/ by \`npm run generate\`; do not edit.\n${stringify(kept, { lineWidth: 110, aliasDuplicateObjects: false })}`,
  };
}

/** Names of generated files whose content on disk is not what their sources say; needs no Helm. */
export async function findStaleChartFiles(): Promise<string[]> {
  const stale = (await buildChartFiles())
    .filter(({ file, content }) => readOrEmpty(file) !== content)
    .map(({ file }) => file);
  return isManifestStale(checkoutPath(MANIFEST)) ? [...stale, MANIFEST] : stale;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(checkoutPath(file), 'utf8');
  } catch {
    return ''; // not generated yet
  }
}

function write({ file, content }: GeneratedFile): void {
  mkdirSync(path.dirname(checkoutPath(file)), { recursive: true });
  writeFileSync(checkoutPath(file), content);
}

if (import.meta.main) {
  (await buildChartFiles()).forEach(write);
  // After them: they are parts of the chart.
  write({ file: MANIFEST, content: await renderManifest() });
}
