// Does a workload read without an error while something happens to its mount?
import type { Workload } from './host.ts';

/** Reads `data/hello.txt` ("hello") in a loop, in the container, until the returned function counts what failed. */
export async function startReader(workload: Workload) {
  const script = `
    reads=0; errors=0
    trap 'echo "$reads $errors"; exit 0' TERM
    while :; do
      reads=$((reads + 1))
      { read line < data/hello.txt && [ "$line" = hello ]; } 2>/dev/null || errors=$((errors + 1))
      [ $reads -eq 1 ] && echo reading
    done`;
  const reader = await workload.start(['sh', '-c', script], /reading/);
  return async () => {
    await reader.stop('SIGTERM');
    const [reads, errors] = (reader.output().trim().split('\n').at(-1) ?? '').split(' ');
    return { reads: Number(reads), errors: Number(errors) };
  };
}
