// How does an image become an OCI image layout, a folder that holds its parts by their digests?
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Component } from './sbom.ts';
import { writeTar, type TarEntry, type WrittenTar } from './tar.ts';

/** Everything an image is: its files in layers, and how it starts. */
export type ImageDefinition = {
  /** Lowest layer first; one that is finished already is the path of its tar archive. */
  layers: readonly (readonly TarEntry[] | string)[];
  entrypoint?: readonly string[];
  command?: readonly string[];
  /** Numbers, `uid:gid`, so that Kubernetes can check `runAsNonRoot`. */
  user?: string;
  env?: readonly string[];
  /** Whose code is in it, for its bill of materials; only images that are published have one. */
  components?: readonly Component[];
};

/** How a manifest names a blob or another manifest. */
export type Descriptor = {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
};

const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  // Not compressed: importing is faster, and a registry gets the very bytes that the tests ran.
  layer: 'application/vnd.oci.image.layer.v1.tar',
  empty: 'application/vnd.oci.empty.v1+json',
};

/**
 * Writes an image as an OCI image layout. Equal definitions give equal bytes.
 *
 * @param folder empty; afterwards it has `oci-layout`, `index.json` and `blobs/sha256/<digest>`
 * @param name the name that containerd gives the image
 * @returns digest of the manifest, by which containerd knows the image
 * @see OCI image specification, "Image Layout"
 */
export function writeOciLayout(folder: string, name: string, image: ImageDefinition): string {
  mkdirSync(blobPath(folder, ''), { recursive: true });
  const layers = image.layers.map((layer) => writeLayer(folder, layer));
  const config = writeJsonBlob(folder, mediaTypes.config, buildConfig(image, layers));
  const manifest = writeJsonBlob(folder, mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config,
    layers,
  });
  const annotations = { 'io.containerd.image.name': name };
  writeIndex(folder, [{ ...manifest, annotations }]);
  return manifest.digest;
}

/**
 * Writes a document about an image as an OCI image layout, to be found by the image's digest.
 *
 * @param folder empty
 * @param subject the image's manifest
 * @see OCI image specification 1.1, "Guidelines for Artifact Usage"
 */
export function writeArtifactLayout(
  folder: string,
  subject: Descriptor,
  document: { mediaType: string; content: unknown },
): void {
  mkdirSync(blobPath(folder, ''), { recursive: true });
  const manifest = writeJsonBlob(folder, mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: document.mediaType,
    config: writeJsonBlob(folder, mediaTypes.empty, {}),
    layers: [writeJsonBlob(folder, document.mediaType, document.content)],
    subject,
  });
  writeIndex(folder, [manifest]);
}

/** Reads how the one image of a layout is named by its digest. */
export function readManifest(folder: string): Descriptor {
  const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
    manifests: [Descriptor];
  };
  const { mediaType, digest, size } = manifests[0];
  return { mediaType, digest, size };
}

function writeIndex(folder: string, manifests: readonly Descriptor[]): void {
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
}

/** Writes a layer's tar archive: entries sorted, with the folders above them. */
export function writeLayerTar(path: string, entries: readonly TarEntry[]): WrittenTar {
  return writeTar(path, withFolders(entries));
}

/** Sorts the entries and adds the folders above each, so that every one has a mode and an owner. */
export function withFolders(entries: readonly TarEntry[]): TarEntry[] {
  const byPath = new Map<string, TarEntry>(entries.map((entry) => [entry.path, entry]));
  for (const { path } of entries) {
    const names = path.split('/').slice(0, -1);
    names.forEach((_, index) => {
      const folder = names.slice(0, index + 1).join('/');
      if (!byPath.has(folder)) byPath.set(folder, { kind: 'folder', path: folder });
    });
  }
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function writeLayer(folder: string, layer: readonly TarEntry[] | string): Descriptor {
  const unnamed = join(folder, 'layer.tar');
  const written =
    typeof layer === 'string' ? linkLayer(layer, unnamed) : writeLayerTar(unnamed, layer);
  const digest = `sha256:${written.sha256}`;
  renameSync(unnamed, blobPath(folder, digest));
  return { mediaType: mediaTypes.layer, digest, size: written.sizeBytes };
}

/** A hard link: images that share a layer do not each take its room in the cache. */
function linkLayer(source: string, path: string): WrittenTar {
  linkSync(source, path);
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { sha256, sizeBytes: statSync(path).size };
}

function writeJsonBlob(folder: string, mediaType: string, value: unknown): Descriptor {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  writeFileSync(blobPath(folder, digest), bytes);
  return { mediaType, digest, size: bytes.length };
}

function blobPath(folder: string, digest: string): string {
  return join(folder, 'blobs/sha256', digest.replace('sha256:', ''));
}

function buildConfig(image: ImageDefinition, layers: readonly Descriptor[]) {
  return {
    architecture: 'amd64',
    os: 'linux',
    config: {
      ...(image.entrypoint ? { Entrypoint: image.entrypoint } : {}),
      ...(image.command ? { Cmd: image.command } : {}),
      ...(image.user ? { User: image.user } : {}),
      Env: ['PATH=/usr/bin:/bin', ...(image.env ?? [])],
      WorkingDir: '/',
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
  };
}
