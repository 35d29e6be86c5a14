// Do readers and writers notice anything of what happens around them? (the programs run in the pods)
import { ROOT_PATH, type Pod } from '../cluster/scenario.ts';

/** Below the volume root: one that is only read, one that is written to. */
export const STEADY = { read: 'steady-read', written: 'steady-written' } as const;

/** Files that are written again and again. */
const WRITTEN_FILES = 8;

/**
 * Reads both places ten times a second and writes a file a second, once `/tmp/go` is there, until `/tmp/stop` is.
 * Every failure is a line of `/tmp/errors`; `/tmp/reads` and `/tmp/writes` count what went well.
 */
export const READER_COMMAND = [
  'sh',
  '-c',
  `reads=0; writes=0; beat=0
until [ -e /tmp/go ]; do sleep 0.1; done
until [ -e /tmp/stop ]; do
  for place in ${STEADY.read} ${STEADY.written}; do
    if said=$(cat ${ROOT_PATH}/$place/hello.txt 2>&1); then
      reads=$((reads + 1)); echo $reads > /tmp/reads
    else
      echo "$(date +%s) read $place: $said" >> /tmp/errors
    fi
  done
  beat=$((beat + 1))
  if [ $((beat % 10)) = 0 ]; then
    file=${ROOT_PATH}/${STEADY.written}/written/$(hostname)-$((writes % ${WRITTEN_FILES}))
    if said=$( (echo $beat > $file) 2>&1); then
      writes=$((writes + 1)); echo $writes > /tmp/writes
    else
      echo "$(date +%s) write: $said" >> /tmp/errors
    fi
  fi
  sleep 0.1
done
touch /tmp/stopped
exec sleep 86400`,
];

/** What a reader has seen. */
export interface ReaderLog {
  reads: number;
  writes: number;
  errors: string[];
}

export async function startReading(pod: Pod): Promise<void> {
  await pod.shellOk('touch /tmp/go');
}

/** Ends the reader and waits for it, so that nothing is read while its storage goes. */
export async function stopReading(pod: Pod): Promise<ReaderLog> {
  await pod.shellOk('touch /tmp/stop; until [ -e /tmp/stopped ]; do sleep 0.1; done');
  const read = async (name: string) => await pod.shellOk(`cat /tmp/${name} 2>/dev/null || true`);
  return {
    reads: Number(await read('reads')),
    writes: Number(await read('writes')),
    errors: (await read('errors')).split('\n').filter(Boolean),
  };
}
