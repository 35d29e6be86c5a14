// How do images get into the containerd of each node?
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { BuiltImage } from '../images/built-image.ts';
import { ensureImported, parseImageList } from '../images/import-images.ts';
import { writeTar, type TarEntry } from '../images/tar.ts';
import { programPath } from './components/component.ts';
import { firstNode, nodePath, type StackNode } from './nodes.ts';
import { run } from './shell.ts';
import { stackPaths } from './stack-paths.ts';

const env = { PATH: `${stackPaths.bin}:/usr/sbin:/usr/bin:/sbin:/bin` };

/** The first node's containerd, seen from any node: its holder is PID 1 of the stack. */
const firstSocket = `/proc/1/root${stackPaths.containerdSocket}`;

/** Where containerd keeps everything that it has imported, by digest. */
const firstBlobs = nodePath(firstNode, 'containerd/io.containerd.content.v1.content/blobs/sha256');

/** Imports images that are missing into the containerd of the node that the caller runs on. */
export async function importImages(images: readonly BuiltImage[]): Promise<void> {
  await ensureImported(images, (argv) => run(argv, { env }));
}

/** Gives a node that joins, on which the caller runs, every image that the first node has. */
export async function copyImages(node: StackNode): Promise<void> {
  const images = parseImageList(await runCtr(firstSocket, ['list']));
  const archive = nodePath(node, 'images.tar');
  // Packed here, because `ctr images export` takes three times as long.
  writeTar(archive, listImages(images));
  await runCtr(stackPaths.containerdSocket, ['import', '--local', '--digests=false', archive]);
  rmSync(archive);
}

/** Members of an archive as `ctr images export` makes it: an OCI image layout of several images. */
function listImages(images: ReadonlyMap<string, string>): TarEntry[] {
  const blobs = readdirSync(firstBlobs).map((name): TarEntry => {
    return { kind: 'file', path: `blobs/sha256/${name}`, source: `${firstBlobs}/${name}` };
  });
  // containerd itself adds a name for each digest.
  const given = [...images].filter(([name]) => !name.startsWith('sha256:'));
  const manifests = given.map(([name, digest]) => describeManifest(name, digest));
  return [
    buildJsonFile('oci-layout', { imageLayoutVersion: '1.0.0' }),
    buildJsonFile('index.json', { schemaVersion: 2, manifests }),
    ...blobs,
  ];
}

function describeManifest(name: string, digest: string) {
  const path = `${firstBlobs}/${digest.replace('sha256:', '')}`;
  const { mediaType } = JSON.parse(readFileSync(path, 'utf8')) as { mediaType: string };
  const annotations = { 'io.containerd.image.name': name };
  return { mediaType, digest, size: statSync(path).size, annotations };
}

function buildJsonFile(path: string, value: unknown): TarEntry {
  return { kind: 'file', path, source: Buffer.from(JSON.stringify(value)) };
}

async function runCtr(socket: string, args: readonly string[]): Promise<string> {
  const ctr = [programPath('ctr'), '--address', socket, '--namespace', 'k8s.io', 'images'];
  return run([...ctr, ...args], { env });
}
