// Do readers and writers in containers notice what happens around them?
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { waitUntil } from '../../wait-until.ts';
import { ROOT_PATH } from '../names.ts';
import type { Pod } from '../pod.ts';
import { listObjects } from '../s3.ts';

/** So many reads and writes must follow whatever has happened: one that hangs is no error yet. */
const MIN_AFTER = 3;
const AFTER_MS = 30_000;

/** A reader of `hello.txt` and a writer of ever new files, in the container of a pod, until they are told to stop. */
class Traffic {
  readonly pod: Pod;
  readonly #logs: string;

  private constructor(pod: Pod, logs: string) {
    this.pod = pod;
    this.#logs = logs;
  }

  static async start(pod: Pod, mountpoint: string): Promise<Traffic> {
    const folder = `${ROOT_PATH}/${mountpoint}`;
    const prepare = 'rm -f /tmp/stop; for f in reads writes errors; do : > /tmp/$f; done';
    const loop = (body: string) =>
      `(i=0; while [ ! -e /tmp/stop ]; do i=$((i+1)); ${body}; done) > /dev/null 2>&1 &`;
    const reader = `if cat ${folder}/hello.txt 2>> /tmp/errors; then echo $i >> /tmp/reads; else date >> /tmp/errors; fi; sleep 0.1`;
    const writer = `if cp /etc/passwd ${folder}/${pod.name}-$i 2>> /tmp/errors; then echo ${pod.name}-$i >> /tmp/writes; else date >> /tmp/errors; fi; sleep 0.5`;
    await pod.shellOk([prepare, loop(reader), loop(writer), 'sleep 0'].join('\n'));
    // Found before anything happens: without an API server nothing can be asked of a pod.
    return new Traffic(pod, await pod.outsidePath('/tmp'));
  }

  async #lines(log: 'reads' | 'writes' | 'errors'): Promise<string[]> {
    return (await readFile(`${this.#logs}/${log}`, 'utf8')).split('\n').filter(Boolean);
  }

  /** Waits until both have gone on, and stops them: what failed, and the files that were written. */
  async finish(): Promise<{ errors: string[]; written: string[] }> {
    const count = async () => [
      (await this.#lines('reads')).length,
      (await this.#lines('writes')).length,
    ];
    const before = await count();
    await waitUntil(
      `${this.pod.name} reads and writes on`,
      async () => (await count()).every((n, i) => n >= (before[i] ?? 0) + MIN_AFTER),
      AFTER_MS,
    );
    await this.pod.shellOk('touch /tmp/stop');
    return { errors: await this.#lines('errors'), written: await this.#lines('writes') };
  }
}

export interface Disturbance {
  pods: Pod[];
  /** Holds `hello.txt`; what is written comes here. */
  bucket: string;
  /** Below the volume root of each pod; `data` when absent. */
  mountpoint?: string;
  action: () => Promise<unknown>;
}

/**
 * Reads and writes in all pods while something happens: nothing may fail, what was written must be in the bucket, and
 * the very same mounts must serve afterwards.
 */
export async function expectUndisturbed(disturbance: Disturbance): Promise<void> {
  const { pods, bucket, mountpoint = 'data', action } = disturbance;
  const look = () => Promise.all(pods.map(async (pod) => (await pod.seenMount(mountpoint)).id));
  const before = await look();
  const traffic = await Promise.all(pods.map((pod) => Traffic.start(pod, mountpoint)));

  await action();

  const logs = await Promise.all(traffic.map((one) => one.finish()));
  expect(logs.flatMap(({ errors }) => errors)).toEqual([]);
  expect(await look()).toEqual(before);
  expect(await listObjects(bucket)).toEqual(
    expect.arrayContaining(logs.flatMap(({ written }) => written)),
  );
}
