import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ensureImported, parseImageList } from '../../../../deploy/images/import-images.ts';
import { writeOciLayout } from '../../../../deploy/images/oci-layout.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const heading = 'REF TYPE DIGEST SIZE PLATFORMS LABELS';

function buildImage() {
  const folder = makeTemporaryFolder();
  const source = Buffer.from('x');
  const digest = writeOciLayout(folder, 'docker.io/dynvol/a:1', {
    layers: [[{ kind: 'file', path: 'a', source }]],
  });
  return { name: 'dynvol/a:1', folder, digest };
}

/** A containerd that knows the given images and contents, and notes the members of imported archives. */
function fakeContainerd(images: string, content: string) {
  const imported: string[][] = [];
  const runCommand = async (argv: readonly string[]): Promise<string> => {
    if (argv.includes('content')) return content;
    if (argv.includes('list')) return images;
    const table = execFileSync('tar', ['tf', argv.at(-1) ?? ''], { encoding: 'utf8' });
    imported.push(table.trim().split('\n'));
    return '';
  };
  return { imported, runCommand };
}

describe('ensureImported()', () => {
  it('leaves an image alone that containerd has with this digest', async () => {
    const image = buildImage();
    const containerd = fakeContainerd(
      `${heading}\ndocker.io/${image.name} t ${image.digest} 1\n`,
      '',
    );

    const names = await ensureImported([image], containerd.runCommand);

    expect(names).toEqual([]);
    expect(containerd.imported).toEqual([]);
  });

  it('imports only the parts that containerd lacks', async () => {
    const image = buildImage();
    const containerd = fakeContainerd(
      `${heading}\ndocker.io/${image.name} t sha256:0 1\n`,
      image.digest,
    );

    const names = await ensureImported([image], containerd.runCommand);

    expect(names).toEqual([image.name]);
    expect(containerd.imported[0]).toHaveLength(4);
    expect(containerd.imported[0]).not.toContain(image.digest.replace('sha256:', 'blobs/sha256/'));
  });
});

describe('parseImageList()', () => {
  it('reads names and digests of the table', () => {
    const table = `${heading}\ndocker.io/dynvol/a:1 application/x sha256:1 2 KiB linux/amd64 -\n`;

    expect([...parseImageList(table)]).toEqual([['docker.io/dynvol/a:1', 'sha256:1']]);
  });
});
