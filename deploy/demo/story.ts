// What does the demo do and show? (runs inside the stack)
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../stack/shell.ts';
import { printCommand, printHeading, printLine, printResult } from './print.ts';
import { measureReadable, waitGone } from './reader.ts';
import { printWorkflow } from './workflow-steps.ts';

const examples = path.relative(process.cwd(), path.join(import.meta.dirname, '../examples'));
const namespace = 'dynamic-volume-test';
const root = '/user-defined-root-path';
const bucket = 'ssat202410181';
const example = (name: string) => `${examples}/${name}.yaml`;

const [uiAddress = '', ...flags] = process.argv.slice(2);
const keep = flags.includes('--keep');
const unknown = flags.find((flag) => flag !== '--keep');
if (unknown !== undefined) throw new Error(`unknown option ${unknown}; allowed is --keep`);

async function kubectl(...args: string[]): Promise<string> {
  return await run(['kubectl', ...args]);
}

/** Runs kubectl for the person to see. */
async function show(...args: string[]): Promise<string> {
  const output = await kubectl(...args);
  printCommand(['kubectl', ...args], output);
  return output;
}

interface Workload {
  name: string;
  uid: string;
}

async function findWorkload(label: string): Promise<Workload> {
  const fields = '{.items[0].metadata.name} {.items[0].metadata.uid}';
  const [name = '', uid = ''] = (
    await kubectl('get', 'pod', '-n', namespace, '-l', label, '-o', `jsonpath=${fields}`)
  ).split(' ');
  return { name, uid };
}

/** Pod UID, container id, start time and restart count: the same before and after means no restart. */
async function identify(workload: Workload): Promise<string> {
  const status = '.status.containerStatuses[0]';
  const fields = `{.metadata.uid} {${status}.containerID} {${status}.state.running.startedAt} {${status}.restartCount}`;
  return await kubectl('get', 'pod', '-n', namespace, workload.name, '-o', `jsonpath=${fields}`);
}

async function fillBucket(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-demo-'));
  await writeFile(path.join(folder, 'hello.txt'), 'Hello from an S3 bucket.\n');
  await writeFile(path.join(folder, 'numbers.csv'), 'n,square\n2,4\n3,9\n');
  const remote = `:s3,provider=Other,env_auth,force_path_style:${bucket}`;
  const endpoint = ['--s3-endpoint', process.env['AWS_ENDPOINT_URL'] ?? ''];
  const trust = ['--ca-cert', process.env['AWS_CA_BUNDLE'] ?? '', '--config', ''];
  await run(['rclone', 'copy', folder, remote, ...endpoint, ...trust]);
  await rm(folder, { recursive: true });
}

async function prepare(): Promise<Workload> {
  printHeading("The article's Secret, class and an annotated Deployment");
  await fillBucket();
  await deleteClaims();
  await kubectl('apply', '-f', example('secret-and-class'));
  await kubectl('apply', '-f', example('deployment-app-4-s3'));
  await kubectl('rollout', 'status', '-n', namespace, 'deployment/app-4-s3', '--timeout=60s');
  const workload = await findWorkload('app=app-4-s3');
  printLine(`Bucket ${bucket} holds hello.txt and numbers.csv; pod ${workload.name} is running.`);
  printLine('Its volume root is empty:');
  await show('exec', '-n', namespace, workload.name, '--', 'ls', '-A', root);
  return workload;
}

async function attachArticleClaim(workload: Workload): Promise<void> {
  printHeading("The article's claim, unchanged (its class gives the mount pod 10m CPU and 50Mi)");
  printLine(
    'A hundredth of a processor: starting the mount pod takes 10 to 40 s, most of it waiting.',
  );
  const before = await identify(workload);
  await attach(workload, 'claim-app-4-s3', 'data');
  await show('exec', '-n', namespace, workload.name, '--', 'head', '-v', `${root}/data/hello.txt`);
  await show('exec', '-n', namespace, workload.name, '--', 'ls', '-l', `${root}/data`);
  if ((await identify(workload)) !== before) throw new Error(`Pod ${workload.name} was restarted`);
  printResult('The pod was not restarted: same pod UID, container id, start time, restart count.');
}

/** Applies a claim and prints how long it took until its file could be read in the container. */
async function attach(workload: Workload, claim: string, mountpoint: string): Promise<void> {
  const file = `${root}/${mountpoint}/hello.txt`;
  const apply = ['apply', '-f', example(claim)];
  const { readableMs, appliedMs } = await measureReadable(workload.uid, file, async () => {
    await show(...apply);
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
  await show('get', 'dvc', '-n', namespace);
  await printWorkflow(namespace, 'externalvolume-s3-sample');
  printLine(`Temporal's UI: ${uiAddress}`);
}

async function deleteClaims(): Promise<void> {
  for (const claim of ['claim-app-4-s3', 'claim-fast-first', 'claim-fast-second']) {
    await kubectl('delete', '--ignore-not-found', '-f', example(claim));
  }
}

async function detachAll(workload: Workload): Promise<void> {
  printHeading('Deleting the claims takes the files away');
  await show('delete', '-f', example('claim-app-4-s3'));
  await deleteClaims();
  await show('exec', '-n', namespace, workload.name, '--', 'ls', '-A', root);
  await waitGone();
  printResult('The mount pods are gone too; the workload pod still runs.');
}

function printNextCommands(): void {
  printHeading('Try next');
  for (const command of [
    `npm run stack -- exec kubectl apply -f ${example('claim-app-4-s3')}`,
    `npm run stack -- exec kubectl describe dvc -n ${namespace}`,
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
  if (keep) printLine('The claims stay (--keep).');
  else await detachAll(workload);
  printNextCommands();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
