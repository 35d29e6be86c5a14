// How are the README's pictures taken? (runs inside the stack)
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { CONSOLE_LOOPBACK_PORT, SYSTEM_NAMESPACE } from '../../api/names.ts';
import { addresses, ports } from '../stack/addresses.ts';
import { start } from '../stack/shell.ts';
import { example, kubectl, namespace, root } from './kubectl.ts';
import { printLine } from './print.ts';
import { record } from './record.ts';
import { renderRecording } from './render-recording.ts';
import { fillBucket } from './sample-bucket.ts';

const temporalUi = `http://${addresses.node}:${ports.temporalUi}`;
const pictures = path.join(import.meta.dirname, '../../docs/images');
/** Of the recording. */
const claim = 'fast-first';
/** Of the screenshots: it has a pod on each node. */
const everywhere = 'everywhere';
/** CSS pixels; the pictures have twice as many. */
const SCREEN = { width: 1360, height: 860 };

const TYPED = [
  '# A pod that runs. It can receive storage, and has none:',
  `kubectl exec app-fast -- ls -A ${root}`,
  `kubectl apply -f ${example('claim-fast-first')}`,
  `kubectl wait dvc/${claim} --for=condition=Ready`,
  `kubectl exec app-fast -- head -v ${root}/first/hello.txt`,
  `kubectl dynvol tree ${claim}`,
  '# Under its reader: read-only from now on, and then away again',
  `kubectl patch dvc ${claim} --type=merge -p '{"spec": {"readOnly": true}}'`,
  `kubectl dynvol history ${claim}`,
  `kubectl delete dvc ${claim}`,
  `kubectl exec app-fast -- ls -A ${root}`,
];

async function prepare(): Promise<void> {
  await fillBucket();
  for (const name of ['secret-and-class', 'deployment-app-4-s3', 'class-without-cpu-limit']) {
    await kubectl('apply', '-f', example(name));
  }
  await kubectl('delete', 'dvc', '-n', namespace, '--all', '--wait', '--timeout=120s');
  await kubectl('wait', '-n', namespace, 'pod/app-fast', '--for=condition=Ready', '--timeout=60s');
}

async function takeRecording(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-pictures-'));
  const kubeconfig = path.join(folder, 'kubeconfig');
  await cp(process.env['KUBECONFIG'] ?? '', kubeconfig);
  const environment = { KUBECONFIG: kubeconfig, NO_COLOR: '1' };
  await record([`kubectl config set-context --current --namespace ${namespace}`], environment);
  const lines = await record(TYPED, environment);
  await rm(folder, { recursive: true });
  const title = 'A claim is applied, and its files appear in a container that runs';
  await save('first-claim.svg', renderRecording(title, lines));
}

async function takeScreenshots(): Promise<void> {
  const daemonSet = 'daemonset-app-everywhere';
  for (const name of ['claim-fast-first', 'claim-fast-second', daemonSet]) {
    await kubectl('apply', '-f', example(name));
  }
  await kubectl('rollout', 'status', '-n', namespace, '--timeout=60s', '-f', example(daemonSet));
  await kubectl('apply', '-f', example('claim-everywhere'));
  await kubectl('wait', '-n', namespace, 'dvc', '--all', '--for=condition=Ready', '--timeout=60s');
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const forward = start(
    [
      'kubectl',
      '-n',
      SYSTEM_NAMESPACE,
      'port-forward',
      'deployment/controller',
      String(CONSOLE_LOOPBACK_PORT),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  try {
    await new Promise((resolve) => forward.stdout?.once('data', resolve));
    for (const scheme of ['light', 'dark'] as const) {
      const address = `http://localhost:${CONSOLE_LOOPBACK_PORT}/#claim=${namespace}/${everywhere}`;
      await takePage(browser, address, '.topology svg', `console-${scheme}.png`, scheme);
    }
    const field = 'jsonpath={.status.workflow.id}';
    const id = await kubectl('get', 'dvc', '-n', namespace, everywhere, '-o', field);
    const workflow = encodeURIComponent(id);
    const address = `${temporalUi}/namespaces/dynvol/workflows/${workflow}`;
    await takePage(browser, address, 'text=attach', 'temporal.png', 'light');
  } finally {
    forward.kill();
    await browser.close();
  }
}

async function takePage(
  browser: Browser,
  address: string,
  shows: string,
  name: string,
  colorScheme: 'light' | 'dark',
): Promise<void> {
  const context = await browser.newContext({
    viewport: SCREEN,
    deviceScaleFactor: 2,
    colorScheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(address);
  await page.locator(`${shows} >> visible=true`).first().waitFor();
  await save(name, await page.screenshot());
  await context.close();
}

async function save(name: string, content: string | Buffer): Promise<void> {
  await mkdir(pictures, { recursive: true });
  await writeFile(path.join(pictures, name), content);
  printLine(path.relative(process.cwd(), path.join(pictures, name)));
}

await prepare();
await takeRecording();
await takeScreenshots();
