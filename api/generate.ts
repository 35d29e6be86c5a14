// Which files are generated from the schemas and tables? (`npm run generate`; the checks fail when they are stale)
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { buildAnnotationsPage } from './annotations-page.ts';
import { buildClaimCrd, buildClassCrd } from './crd.ts';
import { buildCustomResourcesPage } from './custom-resources-page.ts';
import { buildMetricsPage } from './metrics-page.ts';
import { buildReasonsPage } from './reasons.ts';

const CRD_DIR = path.join(import.meta.dirname, '../deploy/chart/crds');

const REFERENCE_DIR = path.join(import.meta.dirname, '../docs/reference');

/** Path and content of every generated file. */
export function buildGeneratedFiles(): { file: string; content: string }[] {
  const crds = [buildClaimCrd(), buildClassCrd()].map((crd) => ({
    file: path.join(CRD_DIR, `${crd.metadata.name.split('.')[0]}.yaml`),
    content: `# Generated from api/ by \`npm run generate\`; do not edit.\n${stringify(crd, { lineWidth: 110, aliasDuplicateObjects: false })}`,
  }));
  return [
    ...crds,
    { file: path.join(REFERENCE_DIR, 'reasons.md'), content: buildReasonsPage() },
    { file: path.join(REFERENCE_DIR, 'metrics.md'), content: buildMetricsPage() },
    { file: path.join(REFERENCE_DIR, 'custom-resources.md'), content: buildCustomResourcesPage() },
    { file: path.join(REFERENCE_DIR, 'annotations.md'), content: buildAnnotationsPage() },
  ];
}

/** Names of generated files whose content on disk is not what the schemas say. */
export function findStaleFiles(): string[] {
  return buildGeneratedFiles()
    .filter(({ file, content }) => readOrEmpty(file) !== content)
    .map(({ file }) => path.relative(process.cwd(), file));
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // not generated yet
  }
}

if (import.meta.main) {
  for (const { file, content } of buildGeneratedFiles()) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
