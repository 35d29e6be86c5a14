// How do images and their bills of materials get into a registry?
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages } from '../stack/debian-packages.ts';
import type { Progress } from '../stack/progress.ts';
import { run } from '../stack/shell.ts';
import { skopeoPackage } from '../stack/versions.ts';
import { buildSbomPath, type BuiltImage } from './built-image.ts';
import { readManifest, writeArtifactLayout } from './oci-layout.ts';
import { describePushFailure, type Registry } from './registry.ts';
import { SBOM_MEDIA_TYPE } from './sbom.ts';

/** An image in a registry. */
export type PushedImage = {
  /** `REGISTRY/dynvol/<part>:<version>`. */
  name: string;
  digest: string;
  /** Name of its bill of materials, and absolute path of the same on this machine. */
  sbom: string;
  sbomFile: string;
};

/**
 * Pushes the images as they are, byte for byte, and their bills of materials beside them; what the registry has is not
 * sent again. Credentials are those of skopeo (`skopeo login`).
 *
 * @throws Error one sentence: the registry cannot be reached, or refuses
 */
export async function pushImages(
  images: readonly BuiltImage[],
  registry: Registry,
  progress: Progress,
): Promise<PushedImage[]> {
  await ensureSkopeo(progress);
  const pushed: PushedImage[] = [];
  for (const image of images) {
    const name = `${registry.address}/${image.name}`;
    progress(`pushing ${name}`);
    await copy(image.folder, name, registry);
    const sbom = await pushSbom(image, registry);
    pushed.push({ name, digest: image.digest, sbom, sbomFile: buildSbomPath(image) });
  }
  return pushed;
}

/**
 * Pushes it as an artifact that names the image as its subject, under the tag where `cosign download sbom` looks for it.
 *
 * @returns its name
 */
async function pushSbom(image: BuiltImage, registry: Registry): Promise<string> {
  const repository = image.name.replace(/:.*/, '');
  const name = `${registry.address}/${repository}:${image.digest.replace(':', '-')}.sbom`;
  const folder = await mkdtemp(join(tmpdir(), 'dynvol-sbom-'));
  try {
    const content: unknown = JSON.parse(readFileSync(buildSbomPath(image), 'utf8'));
    const document = { mediaType: SBOM_MEDIA_TYPE, content };
    writeArtifactLayout(folder, readManifest(image.folder), document);
    await copy(folder, name, registry);
  } finally {
    await rm(folder, { recursive: true });
  }
  return name;
}

async function copy(folder: string, name: string, registry: Registry): Promise<void> {
  // What is copied was made here a moment ago: whose signature it has is no question.
  const argv = ['skopeo', '--insecure-policy', 'copy', '--quiet', '--preserve-digests'];
  const tls = `--dest-tls-verify=${registry.tlsVerify}`;
  await run([...argv, tls, `oci:${folder}`, `docker://${name}`]).catch((error: unknown) => {
    throw new Error(describePushFailure(registry, name, (error as Error).message));
  });
}

/** A person's own skopeo is used, wherever it is on the path. */
async function ensureSkopeo(progress: Progress): Promise<void> {
  const own = await run(['skopeo', '--version']).catch(() => undefined);
  if (own === undefined) await ensureDebianPackages(progress, [skopeoPackage]);
}
