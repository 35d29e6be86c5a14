// Does the console show in a browser what happens in the cluster, while it happens?
import { KubeConfig } from '@kubernetes/client-node';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  COMPONENT_LABEL,
  COMPONENTS,
  CONSOLE_LOOPBACK_PORT,
  CONSOLE_PORT,
  SYSTEM_NAMESPACE,
} from '../../api/names.ts';
import { openPortForward, type PortForwarding } from '../../cli/port-forward.ts';
import { launchBrowser } from '../console/browser.ts';
import { waitUntil } from '../wait-until.ts';
import { WatchedPage } from '../console/watched-page.ts';
import { apply, list, remove, type AnyObject } from './kube.ts';
import { runOk } from './programs.ts';
import { HEAL_MS, READY_MS, REASON_MS, Scenario } from './scenario.ts';
import { findMountPod } from './storage-client.ts';

const timeoutMs = 240_000;

let browser: Browser;
let forwarding: PortForwarding;
let podAddress: string;
let scenario: Scenario;

beforeAll(async () => {
  const controller = await findController();
  podAddress = String(controller['status'].podIP);
  const config = new KubeConfig();
  config.loadFromDefault();
  forwarding = await openPortForward(config, {
    namespace: SYSTEM_NAMESPACE,
    pod: String(controller.metadata?.name),
    port: CONSOLE_LOOPBACK_PORT,
  });
  [browser, scenario] = await Promise.all([launchBrowser(), Scenario.create('console')]);
});
afterAll(async () => {
  await scenario.destroy();
  await browser.close();
  forwarding.close();
});

async function findController(): Promise<AnyObject> {
  const selector = `${COMPONENT_LABEL}=${COMPONENTS.controller}`;
  const pods = await list('v1', 'Pod', SYSTEM_NAMESPACE, selector);
  const isReady = (pod: AnyObject) =>
    pod['status']?.conditions?.some(
      (one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True',
    );
  const ready = pods.find((pod) => isReady(pod) && !pod.metadata?.deletionTimestamp);
  if (!ready) throw new Error('No controller is ready');
  return ready;
}

async function openConsole(hash: string): Promise<WatchedPage> {
  const shown = await WatchedPage.of(browser);
  await shown.page.goto(`http://127.0.0.1:${forwarding.port}/${hash}`);
  return shown;
}

/** Texts of the drawing's cards of mount pods, with the states of the edges. */
async function readDrawing({ page }: WatchedPage) {
  const mountPods = await page.locator('.card.mount-pod title').allTextContents();
  const good = await page.locator('.edge-ok').count();
  const all = await page.locator('.edge').count();
  return { mountPods, good, bad: all - good };
}

/** A claim that is very young or just gone may have no history or no detail: the page tries again. */
function listComplaints({ complaints }: WatchedPage): string[] {
  return complaints.filter((text) => !text.startsWith('Failed to load resource'));
}

async function readSteps({ page }: WatchedPage): Promise<number> {
  return await page.locator('.entry').count();
}

describe('the console', () => {
  it(
    'shows a claim attached, a mount pod lost and replaced, and the claim deleted, without a reload',
    async () => {
      const pod = await scenario.runningPod({ labels: { app: 'console-live' } });
      await using shown = await openConsole(`#namespace=${scenario.namespace}`);
      const { page } = shown;
      await shown.sees('Live');
      await page.evaluate('window.wasNotReloaded = true');

      const selector = { app: 'console-live' };
      const claim = await scenario.claim({ name: 'console-live', selector });
      await shown.sees('console-live', READY_MS);
      await page.getByRole('link', { name: 'console-live' }).first().click();
      await page.locator('.verdict-ok').waitFor({ timeout: READY_MS });
      const former = String((await findMountPod(pod)).metadata?.name);
      const showsOnly = async (name: string) => {
        const { mountPods, good, bad } = await readDrawing(shown);
        return mountPods.length === 1 && mountPods[0]?.startsWith(name) && good === 2 && bad === 0;
      };
      await waitUntil(
        'the mount pod is drawn',
        async () => Boolean(await showsOnly(former)),
        READY_MS,
      );
      await waitUntil('the attach is told', async () => (await readSteps(shown)) > 1, REASON_MS);
      const steps = await readSteps(shown);

      const metadata = { name: former, namespace: 'dynvol-mounts' };
      await remove({ apiVersion: 'v1', kind: 'Pod', metadata });
      await waitUntil(
        'the successor is drawn alone',
        async () => {
          const [drawn] = (await readDrawing(shown)).mountPods;
          const successor = drawn?.split('\n')[0] ?? former;
          return successor !== former && Boolean(await showsOnly(successor));
        },
        HEAL_MS,
      );
      await page.locator('.verdict-ok').waitFor({ timeout: HEAL_MS });
      await waitUntil('more steps are told', async () => (await readSteps(shown)) > steps, HEAL_MS);

      await claim.delete();
      await shown.sees(`There is no claim ${scenario.namespace}/console-live`, READY_MS);
      expect(await page.evaluate('window.wasNotReloaded')).toBe(true);
      expect(listComplaints(shown)).toEqual([]);
    },
    timeoutMs,
  );

  it(
    'tells why a claim fails, and that it is healed',
    async () => {
      const selector = { app: 'console-failed' };
      await scenario.runningPod({ labels: selector });
      const bucket = `${scenario.bucket}-missing`;
      const claim = await scenario.claim({ name: 'console-failed', selector, bucket });
      await using shown = await openConsole(`#claim=${scenario.namespace}/console-failed`);

      await shown.sees('BucketNotFound', REASON_MS);
      await shown.sees(bucket);
      await shown.sees(/^You can: /);
      await scenario.claim({ name: 'console-failed', selector });

      await shown.page.locator('.verdict-ok').waitFor({ timeout: READY_MS });
      expect(listComplaints(shown)).toEqual([]);
      await claim.delete();
    },
    timeoutMs,
  );

  it(
    'on its own port asks for a token, and shows the namespaces that the token may list',
    async () => {
      const { namespace } = scenario;
      await scenario.claim({ name: 'console-token', selector: { app: 'nobody' } });
      await apply({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'reader', namespace },
      });
      await apply({
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'reader', namespace },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
        subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace }],
      });
      const token = await runOk('kubectl', ['create', 'token', 'reader', '-n', namespace]);
      await using other = await Scenario.create('console-hidden');
      await other.claim({ name: 'console-hidden', selector: { app: 'nobody' } });

      await using shown = await WatchedPage.of(browser, { ignoreHTTPSErrors: true });
      await shown.page.goto(`https://${podAddress}:${CONSOLE_PORT}/`);
      await shown.page.getByLabel('Kubernetes bearer token').fill('not-a-token');
      await shown.page.keyboard.press('Enter');
      await shown.sees('This token was not accepted');
      await shown.page.getByLabel('Kubernetes bearer token').fill(token.trim());
      await shown.page.keyboard.press('Enter');

      await shown.sees('console-token');
      const namespaces = await shown.page.locator('.claims h2').allTextContents();
      expect(namespaces).toEqual([namespace]);
    },
    timeoutMs,
  );
});
