// Does the console's page fit the server that serves it: files, security headers, answers and stream?
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DynamicVolumeClaim } from '../../../../api/dynamic-volume-claim.ts';
import { buildWorkflowId } from '../../../../api/names.ts';
import { buildConsole } from '../../../../console/build.ts';
import { launchBrowser } from '../../../console/browser.ts';
import { readPageFiles, type PageFile } from '../../../../console/server/page-files.ts';
import { FakeConsole } from '../../../builders/console.ts';
import { aMountPod } from '../../../builders/mount-pods.ts';
import { aClaim, aPod, CLAIM } from '../../../builders/objects.ts';
import { parseHistory } from '../../../workflow/history-file.ts';
import { WatchedPage } from '../../../console/watched-page.ts';

const history = 'test/histories/failure-healed.json';

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await launchBrowser();
  folder = mkdtempSync(join(tmpdir(), 'console-page-'));
  for (const { name, content } of await buildConsole()) writeFileSync(join(folder, name), content);
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

function buildClaim(state: 'Pending' | 'Attached'): DynamicVolumeClaim {
  const isReady = state === 'Attached';
  const [reason, message] = isReady ? ['Attached', 'It serves'] : ['Attaching', 'It comes'];
  const status = isReady ? 'True' : 'False';
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  return {
    ...aClaim(),
    status: {
      conditions: [{ type: 'Ready', status, lastTransitionTime, reason, message }],
      matched: 1,
      attached: isReady ? 1 : 0,
      pods: [{ name: 'web-1', uid: 'uid-web-1', node: 'node1', state }],
    },
  };
}

async function serve() {
  const fake = new FakeConsole();
  const files = fake.files as Map<string, PageFile>;
  for (const [name, file] of readPageFiles(folder)) files.set(name, file);
  fake.cluster.putPod(aPod());
  fake.cluster.putPod(aMountPod('web-1'));
  fake.explanations.set(buildWorkflowId(CLAIM), 'Next: nothing, all is explained.');
  fake.histories.set(buildWorkflowId(CLAIM), parseHistory(readFileSync(history, 'utf8')));
  const app = fake.buildOpenApp();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const stop = async () => {
    fake.streams.close();
    await app.close();
  };
  return { fake, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/`, stop };
}

it('shows a claim, its history and its changes without a complaint', async () => {
  const { fake, url, stop } = await serve();
  const before = buildClaim('Pending');
  fake.cluster.put(before);
  await using shown = await WatchedPage.of(browser);
  await shown.page.goto(`${url}#claim=${CLAIM.namespace}/${CLAIM.name}`);

  await shown.sees('It comes');
  await shown.sees('all is explained');
  await shown.page.locator('.edge-busy').first().waitFor();
  expect(await shown.page.locator('.entry').count()).toBeGreaterThan(3);

  const after = buildClaim('Attached');
  fake.cluster.put(after);
  fake.streams.note({ kind: 'claim', before, after });
  await shown.sees('It serves');
  await shown.page.locator('.edge-ok').first().waitFor();
  expect(shown.complaints).toEqual([]);
  await stop();
});
