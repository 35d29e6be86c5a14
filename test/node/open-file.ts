// How does a workload keep a file of a mount open?
import type { Workload } from './host.ts';
import type { Service } from './processes.ts';

/** Opens a file and waits; tells at its end what reading it gives. */
export function openFile(workload: Workload): Promise<Service> {
  const script = `
    exec 3< data/hello.txt
    trap 'cat <&3 2>&1; exit 0' TERM
    echo holding
    while :; do sleep 0.05; done`;
  return workload.start(['sh', '-c', script], /holding/);
}
