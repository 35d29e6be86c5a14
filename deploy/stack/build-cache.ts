// Where are compiled parts kept, and when is one made again?
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from './config.ts';
import { parts, type Part } from './parts.ts';
import { observeProcess } from './processes.ts';
import type { Progress } from './progress.ts';
import { run } from './shell.ts';

const heartbeatMs = 30_000;

/**
 * Makes a folder of the cache unless it is there. The work is done beside it and renamed at the end, so
 * an interrupted build leaves nothing that looks finished, and two at once do no harm.
 *
 * @param key names the content: equal keys mean equal content
 * @returns absolute path of the folder
 */
export async function ensureCached(
  kind: string,
  key: string,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(config.cacheFolder, kind, key);
  if (existsSync(folder)) return folder;
  await removeAbandoned(join(config.cacheFolder, kind));
  const unfinished = `${folder}.unfinished-${process.pid}`;
  await mkdir(unfinished, { recursive: true });
  try {
    await build(unfinished);
    await rename(unfinished, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return folder;
}

/** Deletes what builders left that did not live to clean up after themselves. */
async function removeAbandoned(parent: string): Promise<void> {
  const names = existsSync(parent) ? await readdir(parent) : [];
  for (const name of names) {
    const pid = /\.unfinished-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || observeProcess(Number(pid)) !== undefined) continue;
    await rm(join(parent, name), { recursive: true, force: true });
  }
}

/**
 * Deletes all but the newest folders of the cache whose key starts with `prefix`.
 *
 * @param keep how many stay; other checkouts on this machine may be using them
 */
export async function pruneCached(kind: string, prefix: string, keep: number): Promise<void> {
  const parent = join(config.cacheFolder, kind);
  const names = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  const byAge = await Promise.all(
    names.map(async (name) => ({ name, madeMs: (await stat(join(parent, name))).mtimeMs })),
  );
  const old = byAge.sort((a, b) => b.madeMs - a.madeMs).slice(keep);
  for (const { name } of old) await rm(join(parent, name), { recursive: true, force: true });
}

/**
 * Compiles every part that the cache lacks, one after another (each fills all cores by itself).
 *
 * @param wanted all of them when absent
 * @returns program name -> absolute path
 */
export async function ensureParts(
  progress: Progress,
  wanted: readonly Part[] = parts,
): Promise<Record<string, string>> {
  const goVersion = await readGoVersion();
  const programs: Record<string, string> = {};
  for (const part of wanted) {
    const key = `${part.name}-${part.version}-${await buildPartKey(part, goVersion)}`;
    const folder = await ensureCached('parts', key, (target) =>
      withHeartbeat(part, progress, () => compilePart(part, target)),
    );
    for (const name of Object.values(part.programs)) programs[name] = join(folder, name);
  }
  return programs;
}

async function readGoVersion(): Promise<string> {
  const output = await run(['go', 'version']).catch((cause: unknown) => {
    throw new Error('Go is not on PATH: the parts of the stack are compiled with it', { cause });
  });
  return output.trim();
}

/** Names what goes into a part: Go's version, the flags, the packages and the module's files if it has a folder. */
export async function buildPartKey(part: Part, goVersion: string): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([goVersion, part.packages, part.flags, part.programs]));
  const { moduleFolder } = part;
  for (const file of moduleFolder === undefined ? [] : (await readdir(moduleFolder)).toSorted()) {
    hash.update(await readFile(join(moduleFolder ?? '', file)));
  }
  return hash.digest('hex').slice(0, 16);
}

async function compilePart(part: Part, target: string): Promise<void> {
  const env = { GOBIN: target, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'local' };
  // Packages outside a module file are installed from a folder without one, or Go would mix the two.
  const cwd = part.moduleFolder ?? target;
  await run(['go', 'install', ...part.flags, ...part.packages], { cwd, env });
  for (const [installed, name] of Object.entries(part.programs)) {
    if (installed !== name) await rename(join(target, installed), join(target, name));
  }
}

async function withHeartbeat(part: Part, progress: Progress, work: () => Promise<void>) {
  const startMs = Date.now();
  const elapsed = () => `${Math.round((Date.now() - startMs) / 1000)} s`;
  const label = `${part.name} ${part.version}`;
  progress(`compiling ${label}`);
  const timer = setInterval(() => progress(`compiling ${label}: ${elapsed()} so far`), heartbeatMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  progress(`compiled ${label} in ${elapsed()}`);
}
