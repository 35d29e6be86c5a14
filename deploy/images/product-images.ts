// What is in each of the product's images?
import { readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtemp, rm } from 'node:fs/promises';
import { buildConsole, CONSOLE_PACKAGES } from '../../console/build.ts';
import { run } from '../stack/shell.ts';
import { buildBundle } from './bundle.ts';
import { checkoutPath, hashSources } from './checkout.ts';
import { ensureImage, type BuiltImage } from './built-image.ts';
import {
  observeDebianPackages,
  observeGoModules,
  observeNpmPackages,
  observeRuntime,
} from './components.ts';
import { ensureNodeLayer, buildSystemFiles, readNodeVersion } from './node-layer.ts';
import { collectModules, listCollected } from './production-modules.ts';
import { ensureStaticProgram } from './static-program.ts';
import type { TarEntry } from './tar.ts';

/** Debian's packages of what is linked or copied into images. */
const STATIC_LIBC = 'libc6-dev';
const AUTHORITIES_PACKAGE = 'ca-certificates';

const publicAuthorities = '/etc/ssl/certs/ca-certificates.crt';

/** Folder of the `.proto` files: seen from the bundle it is where it is seen from the sources. */
const protoFolder = 'api/proto';

/** Folder of the console's page. */
const consoleFolder = 'app/console';

/** Every image follows from these as well. */
const commonSources = [
  'package.json',
  'package-lock.json',
  'deploy/images',
  'api',
  'logging',
  'metrics',
];

/** Makes the image of the node agent: no Temporal, no Kubernetes client, no shell. */
export async function ensureCsiNodeImage(): Promise<BuiltImage> {
  const probe = await ensureStaticProgram(checkoutPath('csi-node/probe.c'));
  const sources = [...commonSources, 'csi-node'];
  const inputs = [readNodeVersion(), hashSources(sources), probe];
  return ensureImage('csi-node', inputs, async () => {
    const modules = collectModules(['koffi'], ['@koromix/koffi-linux-x64']);
    const bundle = await buildBundle('csi-node/main.ts', ['koffi'], sources);
    return {
      layers: [
        await ensureNodeLayer(),
        modules,
        [
          buildMain(bundle.code),
          { kind: 'file', path: 'usr/bin/dynvol-probe', source: probe, mode: 0o755 },
          ...buildProtoEntries(),
        ],
      ],
      // Every node pays for this process: without the compiler, with a small heap and one arena of malloc(3) it takes
      // 16 MB less.
      entrypoint: [
        '/usr/bin/node',
        '--jitless',
        '--max-semi-space-size=1',
        '--max-old-space-size=64',
        '/app/main.js',
      ],
      env: [`PROTO_DIR=/${protoFolder}`, 'MALLOC_ARENA_MAX=1'],
      user: '0:0',
      components: [
        ...(await observeRuntime()),
        ...(await observeDebianPackages([STATIC_LIBC])),
        ...observeNpmPackages([...listCollected(modules), ...bundle.packages]),
      ],
    };
  });
}

/** Makes the image of the controller: Temporal's SDK as it comes from npm, and the workflows bundled. */
export async function ensureControllerImage(): Promise<BuiltImage> {
  const sources = [
    ...commonSources,
    'activities',
    'classes',
    'console',
    'enrolment',
    'installation',
    'tracing',
    'watch',
    'workflows',
    'workers',
  ];
  const inputs = [readNodeVersion(), hashSources(sources)];
  return ensureImage('controller', inputs, async () => {
    const modules = collectModules(temporalPackages);
    const bundle = await buildBundle('workers/controller.ts', temporalPackages, sources);
    const job = await buildBundle('workers/chart-job.ts', temporalPackages, sources);
    return {
      layers: [
        await ensureNodeLayer(),
        modules,
        [
          buildMain(bundle.code),
          { kind: 'file', path: 'app/chart-job.js', source: job.code },
          { kind: 'file', path: 'app/workflow-bundle.js', source: await buildWorkflowBundle() },
          ...(await buildConsoleEntries()),
          ...buildProtoEntries(),
        ],
      ],
      entrypoint: ['/usr/bin/node', '/app/main.js'],
      env: ['NODE_ENV=production', `CONSOLE_FILES=/${consoleFolder}`],
      user: '65532:65532',
      components: [
        ...(await observeRuntime()),
        // What the workflows' bundle holds beside our code is among the modules: Temporal's SDK.
        ...observeNpmPackages([
          ...listCollected(modules),
          ...bundle.packages,
          ...job.packages,
          ...CONSOLE_PACKAGES,
        ]),
      ],
    };
  });
}

/** Makes the image of the admission webhook. */
export async function ensureWebhookImage(): Promise<BuiltImage> {
  const sources = [...commonSources, 'admission', 'watch', 'workers'];
  const inputs = [readNodeVersion(), hashSources(sources)];
  return ensureImage('webhook', inputs, async () => {
    const bundle = await buildBundle('workers/webhook.ts', temporalPackages, sources);
    return {
      layers: [await ensureNodeLayer(), [buildMain(bundle.code)]],
      entrypoint: ['/usr/bin/node', '/app/main.js'],
      env: ['NODE_ENV=production'],
      user: '65532:65532',
      components: [...(await observeRuntime()), ...observeNpmPackages(bundle.packages)],
    };
  });
}

/** Makes the image of mount pods: two static programs and the public certificate authorities. */
export async function ensureMountPodImage(rclone: string): Promise<BuiltImage> {
  const program = await ensureStaticProgram(checkoutPath('mount-pod/mount-pod.c'));
  const authorities = readFileSync(publicAuthorities);
  const inputs = [program, rclone, authorities, hashSources(['deploy/images'])];
  return ensureImage('mount-pod', inputs, async () => ({
    layers: [
      [{ kind: 'file', path: 'usr/bin/rclone', source: rclone, mode: 0o755 }],
      [
        { kind: 'file', path: 'usr/bin/mount-pod', source: program, mode: 0o755 },
        // rclone looks for it by this name; the program sees which of the two it is meant to be.
        { kind: 'link', path: 'usr/bin/fusermount3', target: 'mount-pod' },
        { kind: 'file', path: publicAuthorities.slice(1), source: authorities },
        ...buildSystemFiles(),
      ],
    ],
    entrypoint: ['/usr/bin/mount-pod'],
    user: '65534:65534',
    components: [
      ...(await observeDebianPackages([STATIC_LIBC, AUTHORITIES_PACKAGE])),
      ...(await observeGoModules(rclone)),
    ],
  }));
}

/** Makes the image of Temporal's development server, which the chart runs when it is asked to. */
export async function ensureTemporalImage(temporal: string): Promise<BuiltImage> {
  const inputs = [temporal, hashSources(['deploy/images'])];
  return ensureImage('temporal', inputs, async () => ({
    layers: [
      [
        { kind: 'file', path: 'usr/bin/temporal', source: temporal, mode: 0o755 },
        ...buildSystemFiles(),
      ],
    ],
    entrypoint: ['/usr/bin/temporal'],
    user: '65532:65532',
    components: await observeGoModules(temporal),
  }));
}

const temporalPackages = [
  ...['activity', 'client', 'common', 'core-bridge', 'proto', 'worker', 'workflow'].map(
    (name) => `@temporalio/${name}`,
  ),
];

function buildMain(source: Buffer): TarEntry {
  return { kind: 'file', path: 'app/main.js', source };
}

function buildProtoEntries(): TarEntry[] {
  return readdirSync(checkoutPath('api/proto')).map((name): TarEntry => {
    return {
      kind: 'file',
      path: `${protoFolder}/${name}`,
      source: checkoutPath('api/proto', name),
    };
  });
}

async function buildConsoleEntries(): Promise<TarEntry[]> {
  const files = await buildConsole();
  return files.map(({ name, content }): TarEntry => {
    return { kind: 'file', path: `${consoleFolder}/${name}`, source: content };
  });
}

/** Runs the workers' own build step: what workflows may import is decided there. */
async function buildWorkflowBundle(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'dynvol-workflows-'));
  try {
    const out = join(folder, 'bundle.js');
    await run([process.execPath, checkoutPath('workers/bundle-workflows.ts'), out]);
    return readFileSync(out);
  } finally {
    await rm(folder, { recursive: true });
  }
}
