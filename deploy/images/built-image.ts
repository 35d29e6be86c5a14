// When is an image built again, and where is it kept?
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureCached, pruneCached } from '../stack/build-cache.ts';
import { checkoutPath } from './checkout.ts';
import { writeOciLayout, type ImageDefinition } from './oci-layout.ts';
import { buildSbom } from './sbom.ts';

/** An image ready to be imported. */
export type BuiltImage = {
  /** As in a pod's manifest: `dynvol/<part>:<version>`. */
  name: string;
  /** Absolute path of its OCI image layout. */
  folder: string;
  /** Digest of the manifest: changes exactly when the image does. */
  digest: string;
};

/** Builds of one image that stay in the cache: each change of our code makes another. */
const keptBuilds = 4;

const { version } = JSON.parse(readFileSync(checkoutPath('package.json'), 'utf8')) as {
  version: string;
};

/** The name of one of our images, with this checkout's version. */
export function buildImageName(part: string): string {
  return `dynvol/${part}:${version}`;
}

/** The name that containerd keeps for a short one: Docker Hub is implied. */
export function buildFullName(name: string): string {
  return `docker.io/${name}`;
}

/** Where the bill of materials of a published image lies. */
export function buildSbomPath({ folder }: Pick<BuiltImage, 'folder'>): string {
  return join(folder, 'sbom.cdx.json');
}

/**
 * Builds an image unless the cache has one for the same inputs.
 *
 * @param inputs whatever the image follows from; equal inputs mean an equal image
 */
export async function ensureImage(
  part: string,
  inputs: readonly (string | Buffer)[],
  define: () => Promise<ImageDefinition> | ImageDefinition,
): Promise<BuiltImage> {
  const name = buildImageName(part);
  const hash = createHash('sha256').update(name);
  for (const input of inputs) hash.update(createHash('sha256').update(input).digest());
  const key = `${part}-${hash.digest('hex').slice(0, 16)}`;
  const folder = await ensureCached('images', key, async (target) => {
    const definition = await define();
    const digest = writeOciLayout(target, buildFullName(name), definition);
    writeFileSync(join(target, 'digest'), digest);
    if (definition.components) {
      const sbom = buildSbom({ part, version, digest, components: definition.components });
      writeFileSync(buildSbomPath({ folder: target }), `${JSON.stringify(sbom, null, 2)}\n`);
    }
    await pruneCached('images', `${part}-`, keptBuilds);
  });
  return { name, folder, digest: readFileSync(join(folder, 'digest'), 'utf8') };
}
