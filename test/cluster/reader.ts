// Does a reader in a container notice that the storage beneath it changes?
import { open } from 'node:fs/promises';
import { expect } from 'vitest';
import { findDevice, readDuring } from '../../deploy/demo/reader.ts';
import { ROOT_PATH } from './names.ts';
import type { Pod } from './pod.ts';

/** Longer than any read-ahead: what a holder reads after a change was not in memory before it. */
const BIG_BYTES = 4 * 1024 * 1024;

/** A change may be quicker than a read on a busy machine: so many reads follow it in any case. */
const MIN_READS = 3;

/** What a reader needs in a bucket: `hello.txt` that says where it is, and `big.bin`. */
export function buildReadables(where: string, folder = ''): Record<string, string> {
  return { [`${folder}hello.txt`]: `${where}\n`, [`${folder}big.bin`]: 'x'.repeat(BIG_BYTES) };
}

export interface Change {
  pod: Pod;
  /** Below the volume root. */
  mountpoint: string;
  /** The change is over when this holds of what `hello.txt` says and of the mount's device. */
  isOver: (text: string, device: string | undefined) => boolean;
  action: () => Promise<unknown>;
}

/**
 * Reads `hello.txt` again and again while the action changes what serves it, and has `big.bin` open from
 * before to after it: no read may fail, and the open file must be readable to its end.
 */
export async function expectUnnoticed({ pod, mountpoint, isOver, action }: Change): Promise<void> {
  const folder = `${ROOT_PATH}/${mountpoint}`;
  await using held = await open(await pod.outsidePath(`${folder}/big.bin`));
  await held.read(Buffer.alloc(4096), 0, 4096, 0);

  let readsAfter = 0;
  const log = await readDuring(
    pod.uid,
    `${folder}/hello.txt`,
    (text, mounts) => isOver(text, findDevice(mounts, folder)) && ++readsAfter > MIN_READS,
    async () => {
      await action();
    },
  );

  expect({ errors: log.errors, held: await countBytes(held) }).toEqual({
    errors: 0,
    held: BIG_BYTES,
  });
  expect(log.reads).toBeGreaterThan(MIN_READS);
}

async function countBytes(file: Awaited<ReturnType<typeof open>>): Promise<number> {
  const buffer = Buffer.alloc(256 * 1024);
  for (let total = 0; ;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, total);
    if (bytesRead === 0) return total;
    total += bytesRead;
  }
}
