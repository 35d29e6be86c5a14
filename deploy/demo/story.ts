// What does the demo do and show? (runs inside the stack)
import { CONSOLE_LOOPBACK_PORT } from '../../api/names.ts';
import {
  bucket,
  example,
  findWorkload,
  identify,
  kubectl,
  namespace,
  root,
  show,
  showIn,
} from './kubectl.ts';
import type { Workload } from './kubectl.ts';
import { printHeading, printLine, printResult } from './print.ts';
import { measureReadable, waitGone } from './reader.ts';
import { fillBucket } from './sample-bucket.ts';
import { playSecondAct } from './second-act.ts';

const [uiAddress = '', ...flags] = process.argv.slice(2);
const keep = flags.includes('--keep');
const unknown = flags.find((flag) => flag !== '--keep');
if (unknown !== undefined) throw new Error(`unknown option ${unknown}; allowed is --keep`);

async function prepare(): Promise<Workload> {
  printHeading("The article's Secret, class and an annotated Deployment");
  await fillBucket();
  await deleteClaims();
  await kubectl('apply', '-f', example('secret-and-class'));
  await kubectl('apply', '-f', example('deployment-app-4-s3'));
  await kubectl('rollout', 'status', '-n', namespace, 'deployment/app-4-s3', '--timeout=60s');
  const workload = await findWorkload('app=app-4-s3');
  printLine(
    `Bucket ${bucket} holds hello.txt, numbers.csv and a folder reports; pod ${workload.name} is running.`,
  );
  printLine('Its volume root is empty:');
  await showIn(workload, 'ls', '-A', root);
  return workload;
}

async function attachArticleClaim(workload: Workload): Promise<void> {
  printHeading("The article's claim, unchanged (its class gives the mount pod 10m CPU and 50Mi)");
  printLine(
    'A hundredth of a processor: starting the mount pod takes 10 to 40 s, most of it waiting.',
  );
  const before = await identify(workload);
  await attach(workload, 'claim-app-4-s3', 'data');
  await showIn(workload, 'head', '-v', `${root}/data/hello.txt`);
  await showIn(workload, 'ls', '-l', `${root}/data`);
  if ((await identify(workload)) !== before) throw new Error(`Pod ${workload.name} was restarted`);
  printResult('The pod was not restarted: same pod UID, container id, start time, restart count.');
}

/** Applies a claim and prints how long it took until its file could be read in the container. */
async function attach(workload: Workload, claim: string, mountpoint: string): Promise<void> {
  const file = `${root}/${mountpoint}/hello.txt`;
  const apply = ['apply', '-f', example(claim)];
  const { readableMs, appliedMs } = await measureReadable(workload.uid, file, async () => {
    await show('kubectl', ...apply);
  });
  const share = `kubectl itself took ${appliedMs.toFixed(0)} ms`;
  printResult(`Readable in the running container after ${readableMs.toFixed(0)} ms (${share})`);
}

async function attachWithoutCpuLimit(): Promise<void> {
  printHeading('The same without the CPU limit: class s3-fast');
  await kubectl('apply', '-f', example('class-without-cpu-limit'));
  const ready = ['--for=condition=Ready', '--timeout=60s'];
  await kubectl('wait', '-n', namespace, 'pod/app-fast', ...ready);
  const workload = await findWorkload('app=app-fast');
  printLine(
    'First claim of a pod (its mount pod must start), then a second one (it runs already):',
  );
  await attach(workload, 'claim-fast-first', 'first');
  await attach(workload, 'claim-fast-second', 'second');
}

async function showState(): Promise<void> {
  printHeading('What Kubernetes and Temporal tell');
  await kubectl('wait', '-n', namespace, 'dvc', '--all', '--for=condition=Ready', '--timeout=60s');
  await show('kubectl', 'get', 'dvc', '-n', namespace);
  await show('kubectl', 'dynvol', 'history', 'externalvolume-s3-sample', '-n', namespace);
  printLine(
    `Console: kubectl -n dynvol-system port-forward deployment/controller ${CONSOLE_LOOPBACK_PORT}`,
  );
  printLine(`Temporal's UI: ${uiAddress}`);
}

/** Examples that hold claims of the demo. */
const CLAIMS = ['claim-app-4-s3', 'claim-fast-first', 'claim-fast-second', 'claim-everywhere'];

async function deleteClaims(): Promise<void> {
  for (const claim of CLAIMS) {
    await kubectl('delete', '--ignore-not-found', '-f', example(claim));
  }
}

async function detachAll(workload: Workload): Promise<void> {
  printHeading('Deleting the claims takes the files away');
  await show('kubectl', 'delete', '-f', example('claim-app-4-s3'));
  await deleteClaims();
  await showIn(workload, 'ls', '-A', root);
  await waitGone();
  printResult('The mount pods are gone too; the workload pod still runs.');
}

function printNextCommands(): void {
  printHeading('Try next');
  for (const command of [
    `npm run stack -- exec kubectl apply -f ${example('claim-app-4-s3')}`,
    'npm run stack -- exec bash      # kubectl, kubectl dynvol, helm and temporal; docs/tutorial/first-claim.md',
    'npm run stack -- exec kubectl dynvol doctor',
    'npm run stack -- down',
  ]) {
    printLine(command);
  }
}

try {
  const workload = await prepare();
  await attachArticleClaim(workload);
  await attachWithoutCpuLimit();
  await showState();
  await playSecondAct();
  if (keep) printLine('The claims stay (--keep).');
  else await detachAll(workload);
  printNextCommands();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
