// How is a tar archive written so that equal content gives equal bytes?
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createHash } from 'node:crypto';

/** One member of an archive. `path` is relative, without a leading slash. */
export type TarEntry =
  | { kind: 'folder'; path: string; mode?: number }
  | { kind: 'file'; path: string; source: string | Buffer; mode?: number }
  | { kind: 'link'; path: string; target: string };

/** What a written archive is. */
export type WrittenTar = { sha256: string; sizeBytes: number };

const blockBytes = 512;

/**
 * Writes a ustar archive: owner 0, time 0, in the order given.
 *
 * @param entries the content of a file is a path on this machine or the bytes themselves
 * @throws Error when a path is too long for the format (100 characters, or 155 + 100 with a slash between)
 * @see POSIX.1-2017, pax, "ustar Interchange Format"
 */
export function writeTar(path: string, entries: readonly TarEntry[]): WrittenTar {
  const hash = createHash('sha256');
  const file = openSync(path, 'w', 0o644);
  let sizeBytes = 0;
  const write = (bytes: Buffer): void => {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    hash.update(bytes);
    sizeBytes += bytes.length;
  };
  for (const entry of entries) {
    const content = readContent(entry);
    write(buildHeader(entry, content.length));
    write(content);
    write(Buffer.alloc((blockBytes - (content.length % blockBytes)) % blockBytes));
  }
  write(Buffer.alloc(2 * blockBytes));
  closeSync(file);
  return { sha256: hash.digest('hex'), sizeBytes };
}

function readContent(entry: TarEntry): Buffer {
  if (entry.kind !== 'file') return Buffer.alloc(0);
  return typeof entry.source === 'string' ? readFileSync(entry.source) : entry.source;
}

/** Builds the 512 bytes before a member's content. */
export function buildHeader(entry: TarEntry, sizeBytes: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  const { name, prefix } = splitPath(entry.kind === 'folder' ? `${entry.path}/` : entry.path);
  const octal = (value: number, length: number) => value.toString(8).padStart(length - 1, '0');
  header.write(name, 0);
  header.write(octal(modeOf(entry), 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(sizeBytes, 12), 124);
  header.write(octal(0, 12), 136);
  header.write({ file: '0', link: '2', folder: '5' }[entry.kind], 156);
  if (entry.kind === 'link') header.write(entry.target, 157);
  header.write('ustar\u000000', 257, 'latin1');
  header.write(prefix, 345);
  header.write(`${octal(sumOf(header), 7)}\u0000 `, 148, 'latin1');
  return header;
}

/** The checksum counts its own field as blanks. */
function sumOf(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
}

function modeOf(entry: TarEntry): number {
  if (entry.kind === 'link') return 0o777;
  return entry.mode ?? (entry.kind === 'folder' ? 0o755 : 0o644);
}

function splitPath(path: string): { name: string; prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  // The last slash may belong to a folder's name, so the search starts before it.
  for (let at = path.length - 2; at > 0; at--) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (path[at] === '/' && Buffer.byteLength(prefix) <= 155) {
      if (Buffer.byteLength(name) <= 100) return { name, prefix };
      break;
    }
  }
  throw new Error(`Path too long for a tar archive: ${path}`);
}
