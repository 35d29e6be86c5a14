// How long from applying a claim until its file can be read in the running container?
import { measureReadable } from '../../deploy/demo/reader.ts';
import { ROOT_PATH, type Claim, type Pod, type Scenario } from '../cluster/scenario.ts';
import { repeat } from './samples.ts';

/**
 * Every claim is deleted, with its source, before the next one comes.
 * @param series begins the claims' names, so that what each has cost can be counted by name
 */
export async function measureClaims(
  scenario: Scenario,
  pod: Pod,
  series: string,
  bucket: string,
  count: number,
): Promise<{ durationsMs: number[]; claims: Claim[] }> {
  const claims: Claim[] = [];
  const durationsMs = await repeat(count, async (index) => {
    const name = `${series}-${index}`;
    const { readableMs } = await measureReadable(
      pod.uid,
      `${ROOT_PATH}/${name}/hello.txt`,
      async () => {
        claims.push(await scenario.claim({ name, mountpoint: `/${name}`, bucket }));
      },
    );
    await claims.at(-1)?.waitReady();
    await claims.at(-1)?.delete();
    return readableMs;
  });
  return { durationsMs, claims };
}
