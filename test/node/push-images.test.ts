// Do images come out of a registry as they went in, with a bill of materials that names what is in them?
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BuiltImage } from '../../deploy/images/built-image.ts';
import { ensureCsiNodeImage, ensureMountPodImage } from '../../deploy/images/product-images.ts';
import { pushImages, type PushedImage } from '../../deploy/images/push.ts';
import { parseRegistry } from '../../deploy/images/registry.ts';
import { ensureParts } from '../../deploy/stack/build-cache.ts';
import { parts } from '../../deploy/stack/parts.ts';
import { runOrFail } from './processes.ts';
import { LocalRegistry } from './registry.ts';

const timeoutMs = 300_000;
const silent = () => undefined;

let mountPod: BuiltImage;
let csiNode: BuiltImage;
let registry: LocalRegistry;
let pushed: PushedImage[];

const push = (address: string) =>
  pushImages([mountPod, csiNode], parseRegistry(address, 'false'), silent);

beforeAll(async () => {
  const wanted = parts.filter(({ name }) => name === 'rclone-s3');
  const { 'rclone-s3': rclone = '' } = await ensureParts(silent, wanted);
  [mountPod, csiNode] = [await ensureMountPodImage(rclone), await ensureCsiNodeImage()];
  registry = await LocalRegistry.start();
  pushed = await push(registry.address);
}, timeoutMs);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
});

/** Pulls by skopeo alone; a folder with `manifest.json` and the blobs by their digests. */
async function pull(name: string): Promise<string> {
  const folder = join(registry.folder, name.replaceAll(/\W/g, '-'));
  const argv = ['--insecure-policy', 'copy', '--preserve-digests', '--src-tls-verify=false'];
  await runOrFail('skopeo', [...argv, `docker://${name}`, `dir:${folder}`], 60_000);
  return folder;
}

function readJson(...names: string[]) {
  return JSON.parse(readFileSync(join(...names), 'utf8'));
}

function listLayers(folder: string): string[] {
  const { layers } = readJson(folder, 'manifest.json') as { layers: { digest: string }[] };
  return layers.map(({ digest }) => join(folder, digest.replace('sha256:', '')));
}

/** Names of the components, each with its version. */
async function pullComponents({ sbom, digest }: PushedImage): Promise<string[]> {
  const folder = await pull(sbom);
  expect(readJson(folder, 'manifest.json').subject.digest).toBe(digest);
  const { components } = readJson(...listLayers(folder));
  return (components as { name: string; version: string }[]).map((c) => `${c.name}@${c.version}`);
}

/** Pulls an image; the folder with its files. */
async function pullFiles({ name }: PushedImage): Promise<string> {
  const folder = await pull(name);
  const root = join(folder, 'root');
  await runOrFail('mkdir', [root]);
  for (const archive of listLayers(folder)) {
    await runOrFail('tar', ['--extract', '--file', archive, '--directory', root], 60_000);
  }
  return root;
}

describe('images that were pushed', () => {
  it('are pulled with the digest that the stack runs', async () => {
    const names = [mountPod, csiNode].map(({ name }) => `${registry.address}/${name}`);
    expect(pushed.map(({ name }) => name)).toEqual(names);
    expect(pushed.map(({ digest }) => digest)).toEqual([mountPod.digest, csiNode.digest]);

    for (const { name, digest } of pushed) {
      const sum = await runOrFail('sha256sum', [join(await pull(name), 'manifest.json')]);
      expect(`sha256:${sum.split(' ')[0]}`).toBe(digest);
    }
  });

  it('are not sent again', async () => {
    const before = await registry.listBlobs();

    expect(await push(registry.address)).toEqual(pushed);

    expect(before.length).toBeGreaterThan(8);
    expect(await registry.listBlobs()).toEqual(before);
  });

  it('tell every Go module of rclone', async () => {
    const components = await pullComponents(pushed[0] as PushedImage);
    const root = await pullFiles(pushed[0] as PushedImage);

    const told = await runOrFail('go', ['version', '-m', join(root, 'usr/bin/rclone')], 30_000);
    const modules = [...told.matchAll(/^\tdep\t(\S+)\t(\S+)/gm)].map(([, n, v]) => `${n}@${v}`);
    expect(modules.length).toBeGreaterThan(50);
    for (const module of modules) expect(components).toContain(module);
    expect(components).toContainEqual(expect.stringMatching(/^ca-certificates@/));
  });

  it('tell every npm package, bundled or not, Node and its libraries', async () => {
    const components = await pullComponents(pushed[1] as PushedImage);
    const root = await pullFiles(pushed[1] as PushedImage);

    const found = await runOrFail('find', [root, '-name', 'package.json'], 30_000);
    const manifests = found
      .trim()
      .split('\n')
      .map((path) => JSON.parse(readFileSync(path, 'utf8')));
    const packages = manifests.filter(({ version }) => version);
    expect(packages.map(({ name }) => name)).toContain('koffi');
    for (const { name, version } of packages) expect(components).toContain(`${name}@${version}`);
    for (const name of ['@grpc/grpc-js', 'pino', 'node', 'libc6', 'libstdc++6']) {
      expect(components.map((each) => each.replace(/@[^@]*$/, ''))).toContain(name);
    }
    // What only builds and tests use is not in the image.
    expect(components.join(' ')).not.toMatch(/vitest|typescript|temporalio/);
  });

  it('have the same bill of materials on this machine', () => {
    for (const { sbomFile } of pushed) expect(existsSync(sbomFile)).toBe(true);
  });
});

describe('a push ends with one sentence', () => {
  it('when nobody listens', async () => {
    await expect(push('127.0.0.1:1')).rejects.toThrow(
      /^The registry "127\.0\.0\.1:1" cannot be reached: connect: connection refused$/,
    );
  });

  it('when the registry wants a password', async () => {
    await using closed = await LocalRegistry.start({ password: true });

    await expect(push(closed.address)).rejects.toThrow(
      /^The registry "\S+" refuses "\S+mount-pod:\S+" \(unauthorized: authentication required\): log in with "skopeo login \S+", or ask who runs it for the right to push$/,
    );
  });

  it('when the registry has no TLS and nobody said so', async () => {
    const refused = pushImages([mountPod], parseRegistry(registry.address, undefined), silent);

    await expect(refused).rejects.toThrow(/speaks HTTP and not HTTPS: add --tls-verify=false/);
  });
});
