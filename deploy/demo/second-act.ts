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
import { run } from '../stack/shell.ts';
import { printCommand, printHeading, printLine, printResult } from './print.ts';
import { findDevice, measureReadable, readDuring, readMounts } from './reader.ts';
import type { ReadLog } from './reader.ts';
import { findWorkflowId, printWorkflow } from './workflow-steps.ts';

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

/** Tells the claim's workflow something, and shows its answer. */
async function command(id: string, name: string, ...input: string[]): Promise<void> {
  await show('temporal', 'workflow', 'update', 'execute', '-w', id, '--name', name, ...input);
}

/** Lets the workflow say in words how things are. */
async function explain(id: string): Promise<void> {
  const argv = ['temporal', 'workflow', 'query', '-w', id, '--name', 'explain', '-o', 'json'];
  const { queryResult } = JSON.parse(await run(argv)) as { queryResult: [string] };
  printCommand([...argv, '|', 'jq', '-r', '.queryResult[0]'], queryResult[0]);
}

async function remountUnderReader(workload: Workload, id: string): Promise<void> {
  printHeading('Forcing a fresh mount while its file is read');
  const path = `${root}/first`;
  const former = findDevice(await readMounts(workload.uid), path);
  const isFresh = (_text: string, mounts: string) => findDevice(mounts, path) !== former;
  const log = await readDuring(workload.uid, file, isFresh, () => command(id, 'remount'));
  printResult(`A fresh source was moved beneath the old one; ${tellReads(log)}.`);
}

async function detachAndAttach(workload: Workload, id: string): Promise<void> {
  printHeading('Taking the storage away for a while, without deleting the claim');
  await command(id, 'detach', '--input', '{"graceSeconds":5}');
  const detached = 'jsonpath={.status.conditions[?(@.type=="Ready")].reason}=Detached';
  const waitFor = (condition: string) =>
    kubectl('wait', '-n', namespace, 'dvc/fast-first', `--for=${condition}`, '--timeout=60s');
  await waitFor(detached);
  await showIn(workload, 'ls', '-A', root);
  await explain(id);
  await command(id, 'attach');
  await waitFor('condition=Ready');
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
  await printWorkflow(namespace, 'everywhere');
}

/** Expects the claims of the first act; leaves one more claim, `everywhere`. */
export async function playSecondAct(): Promise<void> {
  const workload = await findWorkload('app=app-fast');
  const id = await findWorkflowId(namespace, 'fast-first');
  await editUnderReader(workload);
  printLine(`Every claim is a workflow that can be told something; this one is ${id}`);
  await remountUnderReader(workload, id);
  await detachAndAttach(workload, id);
  await attachOnTwoNodes();
}
