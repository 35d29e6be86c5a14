// Which images does the stack itself, and do tests, need?
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { run } from '../stack/shell.ts';
import { ensureImage, type BuiltImage } from './built-image.ts';
import { ensureStaticProgram } from './static-program.ts';
import type { TarEntry } from './tar.ts';

const pauseSource = fileURLToPath(new URL('./pause.c', import.meta.url));
const busybox = '/bin/busybox';

/** Compiles the program that keeps a sandbox, and the stack's namespaces, alive. */
export function ensurePauseProgram(): Promise<string> {
  return ensureStaticProgram(pauseSource);
}

/** Makes the image of every pod's sandbox. */
export async function ensurePauseImage(): Promise<BuiltImage> {
  const program = await ensurePauseProgram();
  return ensureImage('pause', [readFileSync(program)], () => ({
    layers: [[{ kind: 'file', path: 'pause', source: program, mode: 0o755 }]],
    entrypoint: ['/pause'],
    user: '65535:65535',
  }));
}

/** Makes the image of test pods: Debian's static busybox with a link for each of its applets. */
export async function ensureBusyboxImage(): Promise<BuiltImage> {
  return ensureImage('busybox', [readFileSync(busybox), 'v1'], async () => {
    const applets = (await run([busybox, '--list'])).trim().split('\n');
    return { layers: [buildBusyboxLayer(applets)], command: ['sh'] };
  });
}

function buildBusyboxLayer(applets: readonly string[]): TarEntry[] {
  const names = applets.filter((name) => name !== 'busybox');
  return [
    { kind: 'file', path: 'bin/busybox', source: busybox, mode: 0o755 },
    ...names.map((name): TarEntry => ({ kind: 'link', path: `bin/${name}`, target: 'busybox' })),
    { kind: 'folder', path: 'tmp', mode: 0o1777 },
    { kind: 'folder', path: 'root', mode: 0o700 },
    { kind: 'file', path: 'etc/passwd', source: Buffer.from('root:x:0:0:root:/root:/bin/sh\n') },
    { kind: 'file', path: 'etc/group', source: Buffer.from('root:x:0:\n') },
  ];
}
