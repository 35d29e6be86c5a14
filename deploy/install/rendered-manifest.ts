// What does `kubectl apply` need of the chart? (deploy/install.yaml)
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { checkoutPath, hashSources } from '../images/checkout.ts';
import { ensureParts } from '../stack/build-cache.ts';
import { parts } from '../stack/parts.ts';
import { run } from '../stack/shell.ts';

/**
 * Nobody renders it again for each cluster, so it must hold no keys: cert-manager makes the certificates, and the namespace is
 * a part of it.
 */
const ARGUMENTS = [
  ...[
    'template',
    'dynvol',
    checkoutPath('deploy/chart'),
    '--namespace',
    'dynvol-system',
    '--include-crds',
    '--no-hooks',
  ],
  ...['--set', 'createNamespace=true', '--set', 'certificates.certManager.enabled=true'],
];

/** Names what the manifest follows from. It stands in its first line, so that a check needs no Helm. */
export function buildManifestKey(): string {
  const hash = createHash('sha256').update(hashSources(['deploy/chart']));
  return hash
    .update(JSON.stringify(ARGUMENTS.slice(3)))
    .digest('hex')
    .slice(0, 16);
}

function buildFirstLine(): string {
  return `# Rendered from deploy/chart (${buildManifestKey()}) by \`npm run generate\`; do not edit. docs/how-to/install.md\n`;
}

/** Has the chart changed since the manifest was rendered? */
export function isManifestStale(file: string): boolean {
  try {
    return !readFileSync(file, 'utf8').startsWith(buildFirstLine());
  } catch {
    return true; // not rendered yet
  }
}

/**
 * Renders the chart with Helm, which is compiled if the cache lacks it.
 * @throws Error with Helm's last words
 */
export async function renderManifest(): Promise<string> {
  return buildFirstLine() + (await run([await ensureHelm(), ...ARGUMENTS]));
}

/** Path of Helm, alone of the stack's parts. */
export async function ensureHelm(): Promise<string> {
  const only = parts.filter(({ name }) => name === 'helm');
  const { helm = '' } = await ensureParts((line) => console.log(line), only);
  return helm;
}
