// Does the console's page show in a browser what it is told?
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../../console/browser.ts';
import {
  buildManySampleClaims,
  buildSampleClaim,
  buildSampleClaims,
  SAMPLE_TIME,
} from '../../../console/claims.ts';
import { waitUntil } from '../../../wait-until.ts';
import { OpenPage } from './open-page.ts';

const pictures = '#claim=shop/pictures';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

describe('the list', () => {
  it('shows all claims, is filtered, and keeps the filter in the address', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page } = shown;
    await shown.open();
    await shown.sees('1 claim needs attention');
    expect(await shown.listed()).toHaveLength(buildSampleClaims().length);

    await page.getByRole('button', { name: 'Failed 1' }).click();
    expect(await shown.listed()).toEqual(['labels']);
    expect(new URL(page.url()).hash).toBe('#phase=Failed');

    await page.getByRole('button', { name: 'All' }).click();
    await page.getByLabel('Namespace', { exact: true }).selectOption('shop');
    await page.getByRole('searchbox').fill('pict');
    expect(await shown.listed()).toEqual(['pictures']);

    await page.reload();
    await shown.sees('pictures');
    expect(await shown.listed()).toEqual(['pictures']);
    expect(shown.complaints).toEqual([]);
  });

  it('says so when no claim matches, and shows all of them again', async () => {
    await using shown = await OpenPage.prepare(browser);
    await shown.open('#text=nothing-like-that');
    await shown.sees('The filter hides all 9 claims.');
    await shown.page.getByRole('button', { name: 'Show all claims' }).click();
    expect(await shown.listed()).toHaveLength(9);
  });

  it('teaches with a claim to copy while there is none', async () => {
    await using shown = await OpenPage.prepare(browser, []);
    await shown.open();
    await shown.sees('No claims yet');
    await shown.sees('kind: DynamicVolumeClaim');

    shown.sample.change(buildSampleClaim({ name: 'first' }));
    await shown.seesNoMore('No claims yet');
    expect(await shown.listed()).toEqual(['first']);
    expect(shown.complaints).toEqual([]);
  });

  it('is used by keyboard alone', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page } = shown;
    await shown.open();
    await shown.sees('checkpoints');

    await page.keyboard.press('/');
    await page.keyboard.type('research');
    await page.keyboard.press('ArrowDown');
    expect(await shown.focused()).toContain('checkpoints');
    await page.keyboard.press('ArrowDown');
    expect(await shown.focused()).toContain('labels');
    await page.keyboard.press('End');
    expect(await shown.focused()).toContain('training-images');
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'research/checkpoints' }).waitFor();
    expect(await page.locator('.claim-row[aria-current]').textContent()).toContain('checkpoints');
  });
});

describe('a claim', () => {
  it('is shown with its pods, mount pods, conditions, explanation and history', async () => {
    await using shown = await OpenPage.prepare(browser);
    await shown.open('#claim=research/training-images');
    const drawing = shown.page.getByRole('img', { name: 'Claim training-images' });
    const told = await drawing.getAttribute('aria-label');
    expect(told).toContain('On node node2: pod evaluator-5c7d8-x2x9q not injected');
    expect(await drawing.locator('.edge-absent').count()).toBe(1);
    await shown.sees('Ready=True');
    await shown.sees('1 without a volume root');
    await shown.sees('remount asked for');
    const link = shown.page.getByRole('link', { name: 'Open in Temporal' });
    expect(await link.getAttribute('href')).toContain('/workflows/dvc%2Fresearch%2F');
    expect(shown.complaints).toEqual([]);
  });

  it('changes on the page without a reload', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page, sample } = shown;
    await shown.open(pictures);
    await shown.sees('Mounted at /data in 1 of 1 pods');
    await page.evaluate('window.wasNotReloaded = true');

    const message = 'There is no bucket "gone"';
    const failed = { namespace: 'shop', name: 'pictures', phase: 'Failed', message } as const;
    sample.change(
      buildSampleClaim({ ...failed, reason: 'BucketNotFound' }, [
        { eventId: 40, at: SAMPLE_TIME, kind: 'work', title: 'attach again', outcome: 'failed' },
      ]),
    );

    await shown.sees(message);
    await shown.sees('attach again');
    await shown.sees('Failed: BucketNotFound');
    await page.getByRole('button', { name: 'Failed 2' }).waitFor();
    expect(await page.evaluate('window.wasNotReloaded')).toBe(true);
  });

  it('that is deleted while somebody looks is told of', async () => {
    await using shown = await OpenPage.prepare(browser);
    await shown.open(pictures);
    await shown.sees('Conditions');
    shown.sample.remove('uid-shop-pictures');
    await shown.sees('There is no claim shop/pictures');
    expect(await shown.listed()).not.toContain('pictures');
  });

  it('has commands to copy', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    await using shown = await OpenPage.prepare(browser, undefined, { permissions });
    await shown.open(pictures);
    const command = 'kubectl dynvol remount pictures -n shop';
    await shown.page.getByRole('button', { name: `Copy the command: ${command}` }).click();
    await shown.page.getByRole('button', { name: command }).getByText('Copied').waitFor();
    expect(await shown.page.evaluate('navigator.clipboard.readText()')).toBe(command);
  });

  it('has an age that ticks', async () => {
    await using shown = await OpenPage.prepare(browser, [
      buildSampleClaim({ namespace: 'shop', name: 'pictures', createdAt: '2026-03-02T09:29:55Z' }),
    ]);
    await shown.page.clock.install({ time: SAMPLE_TIME });
    await shown.open(pictures);
    await shown.sees('Live');
    await shown.page.clock.pauseAt('2026-03-02T09:31:00Z');
    await shown.sees('65s ago');
    await shown.page.clock.runFor(3_000);
    await shown.sees('68s ago');
  });
});

describe('when something is away', () => {
  it('the page says that it is cut off, and is right again afterwards', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page, sample } = shown;
    await shown.open(pictures);
    await shown.sees('Live');

    sample.refusal = { status: 503, message: 'The controller is ending.' };
    sample.cutStreams();
    await shown.sees('Not connected');
    await shown.sees('What you see may be old');
    expect(await shown.listed()).toHaveLength(9);

    sample.remove('uid-web-assets');
    sample.refusal = undefined;
    await page.getByRole('button', { name: 'Try now' }).click();
    await shown.sees('Live');
    await shown.seesNoMore('What you see may be old');
    expect(await shown.listed()).toHaveLength(8);
  });

  it('a claim is shown without explanation and history while Temporal is', async () => {
    const claim = buildSampleClaim({ namespace: 'shop', name: 'pictures' });
    delete claim.detail.explanation;
    await using shown = await OpenPage.prepare(browser, [claim]);
    shown.sample.timelineRefusal = { status: 503, message: 'Temporal did not answer in 3 s.' };
    let readings = 0;
    shown.page.on('request', (request) => {
      if (request.url().endsWith('/api/claims/shop/pictures')) readings += 1;
    });
    await shown.open(pictures);
    await shown.sees('No explanation at the moment');
    await shown.sees('Temporal did not answer in 3 s.');
    await shown.sees('Ready=True');

    await waitUntil('the claim is read again and again', () => readings > 2, 20_000);
    shown.sample.timelineRefusal = undefined;
    claim.detail.explanation = 'Temporal is back.';
    await shown.sees('remount asked for');
    await shown.sees('Temporal is back.');
  });

  it.each([
    [403, 'User "jane" may list claims in no namespace.', 'Which namespace is yours?'],
    [503, 'The caches are not filled yet.', 'The controller is not ready'],
  ])('an answer of %i is explained', async (status, message, title) => {
    await using shown = await OpenPage.prepare(browser);
    shown.sample.refusal = { status, message };
    await shown.open();
    await shown.sees(title);
    await shown.sees(message);
    shown.sample.refusal = undefined;
    await shown.page.getByRole('button', { name: 'Try now' }).click();
    await shown.sees('1 claim needs attention');
  });
});

describe('the page', () => {
  it('keeps to the content security policy, which stops scripts of others', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page } = shown;
    for (const { detail } of buildSampleClaims()) {
      await shown.open(`#claim=${detail.namespace}/${detail.name}`);
      await shown.sees('Conditions');
    }
    expect(shown.complaints).toEqual([]);

    await page.evaluate(
      "document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.broken = true' }))",
    );
    await waitUntil('the browser complains', () => shown.complaints.length > 0, 10_000);
    expect(await page.evaluate('window.broken')).toBeUndefined();
  });

  it('needs no scrolling to the side on a phone, with long names', async () => {
    const viewport = { width: 390, height: 844 };
    const claims = [...buildSampleClaims(), ...buildManySampleClaims(5)];
    await using shown = await OpenPage.prepare(browser, claims, { viewport });
    const { page } = shown;
    const readWidth = () => page.evaluate('document.documentElement.scrollWidth');
    await shown.open();
    await shown.sees('checkpoints');
    expect(await readWidth()).toBe(390);
    for (const { detail } of claims) {
      await shown.open(`#claim=${detail.namespace}/${detail.name}`);
      await shown.sees('Conditions');
      expect([detail.name, await readWidth()]).toEqual([detail.name, 390]);
    }
    await page.getByRole('link', { name: 'All claims' }).click();
    await shown.sees('checkpoints');
    await page.goBack();
    await shown.sees('Conditions');
  });

  it('holds still for who wants that', async () => {
    await using shown = await OpenPage.prepare(browser, undefined, { reducedMotion: 'reduce' });
    await shown.open('#claim=shop/inbox');
    await shown.sees('Conditions');
    expect(await shown.page.evaluate('document.getAnimations().length')).toBe(0);
    await shown.page.emulateMedia({ reducedMotion: 'no-preference' });
    const countAnimations = () => shown.page.evaluate('document.getAnimations().length');
    await waitUntil('marks turn', async () => Number(await countAnimations()) > 0, 10_000);
  });
});
