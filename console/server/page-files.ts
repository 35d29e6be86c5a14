// Which files is the page made of, and how may browsers keep them?
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';

/** A file of the page, ready to be sent. */
export interface PageFile {
  contentType: string;
  content: Buffer;
  gzipped: Buffer;
  /** Hexadecimal digits of the content's hash. */
  hash: string;
}

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/** Shortest part of the hash by which `index.html` may ask for a file: `app.js?<hash>`. */
const MIN_HASH_LENGTH = 8;

const INDEX = 'index.html';

/**
 * Reads the page once; whoever asks later costs no reading and no packing.
 * @throws Error the folder cannot be read
 */
export function readPageFiles(folder: string): Map<string, PageFile> {
  const names = readdirSync(folder).filter((name) => CONTENT_TYPES[extname(name)]);
  return new Map(names.map((name) => [name, readPageFile(folder, name)]));
}

function readPageFile(folder: string, name: string): PageFile {
  const content = readFileSync(join(folder, name));
  return {
    contentType: CONTENT_TYPES[extname(name)] ?? '',
    content,
    gzipped: gzipSync(content, { level: constants.Z_BEST_COMPRESSION }),
    hash: createHash('sha256').update(content).digest('hex'),
  };
}

/** The file behind a path. */
export function findPageFile(
  files: ReadonlyMap<string, PageFile>,
  path: string,
): { name: string; file: PageFile } | undefined {
  const name = path === '/' ? INDEX : path.slice(1);
  const file = files.get(name);
  return file && { name, file };
}

/**
 * How long a browser may keep a file. Only what was asked for by its hash can never change: another cluster's console,
 * of another version, may be forwarded to the same address later.
 */
export function buildCacheControl(name: string, query: string, { hash }: PageFile): string {
  if (name === INDEX) return 'no-store';
  const isByHash = query.length >= MIN_HASH_LENGTH && hash.startsWith(query);
  return isByHash ? 'public, max-age=31536000, immutable' : 'no-cache';
}
