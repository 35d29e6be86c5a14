// What has the S3 server been asked since the last look? (Amazon's format of server access logs)
import { open } from 'node:fs/promises';
import type { S3Request } from './snapshot.ts';

const LINE = /^\S+ (\S+) \[[^\]]+\] (\S+) \S+ \S+ (\S+) (.*?) \S+ (\d{3}) \S+ /;

/** Reads on where it has stopped. */
export class S3Log {
  readonly #path: string;
  #offset: number | undefined;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** Requests since the last call; what was there before the first one is left out. */
  async read(): Promise<S3Request[]> {
    const text = await this.#readText().catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.flatMap((line) => parseRequest(line) ?? []);
  }

  async #readText(): Promise<string> {
    await using file = await open(this.#path);
    const { size } = await file.stat();
    const offset = Math.min(this.#offset ?? size, size);
    this.#offset = size;
    const buffer = Buffer.alloc(size - offset);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    return buffer.toString('utf8', 0, bytesRead);
  }
}

/** Pure: a request, or undefined for any other line. */
export function parseRequest(line: string): S3Request | undefined {
  const [, bucket, address, operation, key, status] = LINE.exec(line) ?? [];
  if (!bucket || !address || !operation || key === undefined) return undefined;
  return { bucket, key, address, operation, status: Number(status) };
}
