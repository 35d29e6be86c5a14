// What can be done with a claim that is in use? (the demo's second act)
import {
  example,
  findWorkload,
  findWorkloads,
  kubectl,
  namespace,
  root,
  show,
  showIn,
} from './kubectl.ts';
import type { Workload } from './kubectl.ts';
import { printHeading, printResult } from './print.ts';
import { findDevice, measureReadable, readDuring, readMounts } from './reader.ts';
import type { ReadLog } from './reader.ts';

const file = `${root}/first/hello.txt`;

function tellReads({ reads, errors }: ReadLog): string {
  return `a reader in the pod read ${reads} times meanwhile, ${errors} of them failed`;
}

async function editUnderReader(workload: Workload): Promise<void> {
  printHeading('Editing a claim while its file is read: another folder of the bucket');
  const change = JSON.stringify({ spec: { s3Config: { prefix: 'reports' } } });
  const isOther = (text: string) => text.includes('"reports"');
  const log = await readDuring(workload.uid, file, isOther, async () => {
    await show(
      'kubectl',
      'patch',
      'dvc',
      '-n',
      namespace,
      'fast-first',
      '--type=merge',
      '-p',
      change,
    );
  });
  await showIn(workload, 'head', '-v', file);
  printResult(
    `The other folder was there after ${log.durationMs.toFixed(0)} ms; ${tellReads(log)}.`,
  );
}

/** A verb of the command line, for the claim that is played with. */
async function dynvol(verb: string, ...flags: string[]): Promise<void> {
  await show('kubectl', 'dynvol', verb, 'fast-first', '-n', namespace, ...flags);
}

async function remountUnderReader(workload: Workload): Promise<void> {
  printHeading('Forcing a fresh mount while its file is read');
  const path = `${root}/first`;
  const former = findDevice(await readMounts(workload.uid), path);
  const isFresh = (_text: string, mounts: string) => findDevice(mounts, path) !== former;
  const log = await readDuring(workload.uid, file, isFresh, () => dynvol('remount'));
  printResult(`A fresh source was moved beneath the old one; ${tellReads(log)}.`);
}

async function detachAndAttach(workload: Workload): Promise<void> {
  printHeading('Taking the storage away for a while, without deleting the claim');
  await dynvol('detach', '--grace', '5', '--wait');
  await showIn(workload, 'ls', '-A', root);
  await dynvol('explain');
  await dynvol('attach', '--wait');
  printResult('It is back; the second claim of the pod was there all the time.');
}

async function attachOnTwoNodes(): Promise<void> {
  printHeading('One claim, a pod on each of two nodes');
  await kubectl('apply', '-f', example('daemonset-app-everywhere'));
  const rollout = ['rollout', 'status', '-n', namespace, 'daemonset/app-everywhere'];
  await kubectl(...rollout, '--timeout=60s');
  const [first] = await findWorkloads('app=app-everywhere');
  if (!first) throw new Error('The DaemonSet has no pod');
  const { readableMs } = await measureReadable(first.uid, `${root}/shared/hello.txt`, async () => {
    await show('kubectl', 'apply', '-f', example('claim-everywhere'));
  });
  await kubectl(
    'wait',
    '-n',
    namespace,
    'dvc/everywhere',
    '--for=condition=Ready',
    '--timeout=60s',
  );
  printResult(`Readable in the first pod after ${readableMs.toFixed(0)} ms, and in both now:`);
  await show('kubectl', 'get', 'dvc', '-n', namespace);
  await show('kubectl', 'dynvol', 'tree', 'everywhere', '-n', namespace);
}

/** Expects the claims of the first act; leaves one more claim, `everywhere`. */
export async function playSecondAct(): Promise<void> {
  const workload = await findWorkload('app=app-fast');
  await editUnderReader(workload);
  await remountUnderReader(workload);
  await detachAndAttach(workload);
  await attachOnTwoNodes();
}
