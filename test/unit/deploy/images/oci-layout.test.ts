import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  readManifest,
  withFolders,
  writeArtifactLayout,
  writeOciLayout,
} from '../../../../deploy/images/oci-layout.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const image = {
  layers: [[{ kind: 'file', path: 'usr/bin/pause', source: Buffer.from('x') } as const]],
  entrypoint: ['/usr/bin/pause'],
  user: '65535:65535',
};

describe('writeOciLayout()', () => {
  it('names every blob by its digest', () => {
    const folder = makeTemporaryFolder();

    writeOciLayout(folder, 'docker.io/dynvol/pause:1', image);

    const blobs = join(folder, 'blobs/sha256');
    for (const name of readdirSync(blobs)) {
      const content = readFileSync(join(blobs, name));
      expect(createHash('sha256').update(content).digest('hex')).toBe(name);
    }
    expect(readdirSync(blobs)).toHaveLength(3);
  });

  it('leads from the index to the entrypoint', () => {
    const folder = makeTemporaryFolder();

    const digest = writeOciLayout(folder, 'docker.io/dynvol/pause:1', image);

    const read = (path: string) => JSON.parse(readFileSync(join(folder, path), 'utf8'));
    const blob = (name: string) => read(`blobs/${name.replace(':', '/')}`);
    const [entry] = read('index.json').manifests;
    expect(entry.digest).toBe(digest);
    expect(entry.annotations).toEqual({ 'io.containerd.image.name': 'docker.io/dynvol/pause:1' });
    expect(blob(blob(digest).config.digest).config).toMatchObject({
      Entrypoint: ['/usr/bin/pause'],
      User: '65535:65535',
    });
  });

  it('gives the same digest again', () => {
    const first = writeOciLayout(makeTemporaryFolder(), 'docker.io/dynvol/pause:1', image);
    const second = writeOciLayout(makeTemporaryFolder(), 'docker.io/dynvol/pause:1', image);

    expect(second).toBe(first);
  });
});

describe('withFolders()', () => {
  it('puts every folder above an entry before it, once', () => {
    const paths = withFolders([
      { kind: 'file', path: 'usr/lib/b', source: '' },
      { kind: 'file', path: 'usr/bin/a', source: '' },
    ]).map(({ path }) => path);

    expect(paths).toEqual(['usr', 'usr/bin', 'usr/bin/a', 'usr/lib', 'usr/lib/b']);
  });

  it('keeps the mode of a folder that is given', () => {
    const [tmp] = withFolders([
      { kind: 'file', path: 'tmp/a', source: '' },
      { kind: 'folder', path: 'tmp', mode: 0o1777 },
    ]);

    expect(tmp).toEqual({ kind: 'folder', path: 'tmp', mode: 0o1777 });
  });
});

describe('writeArtifactLayout()', () => {
  it('holds the document, and names the image that it is about', () => {
    const [imageFolder, folder] = [makeTemporaryFolder(), makeTemporaryFolder()];
    const digest = writeOciLayout(imageFolder, 'docker.io/dynvol/pause:1', image);
    const subject = readManifest(imageFolder);

    writeArtifactLayout(folder, subject, { mediaType: 'application/x', content: { a: 1 } });

    const blob = (name: string) =>
      JSON.parse(readFileSync(join(folder, 'blobs', name.replace(':', '/')), 'utf8'));
    const manifest = blob(readManifest(folder).digest);
    expect(subject.digest).toBe(digest);
    expect(subject.size).toBe(
      readFileSync(join(imageFolder, 'blobs', digest.replace(':', '/'))).length,
    );
    expect(manifest).toMatchObject({ artifactType: 'application/x', subject });
    expect(blob(manifest.layers[0].digest)).toEqual({ a: 1 });
    expect(blob(manifest.config.digest)).toEqual({});
  });
});
