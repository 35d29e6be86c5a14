// What does the console's page show to somebody who may not see everything?
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../../console/browser.ts';
import { OpenPage } from './open-page.ts';

const pictures = '#claim=shop/pictures';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

describe('a token', () => {
  it('is asked for, checked, and kept in memory alone', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page, sample } = shown;
    sample.token = 'a-very-secret-token';
    await shown.open(pictures);
    await shown.sees('A token, please');

    await page.keyboard.type('another-token');
    await page.keyboard.press('Enter');
    await shown.sees('This token was not accepted');
    await page.getByLabel('Kubernetes bearer token').fill('Bearer a-very-secret-token');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'shop/pictures' }).waitFor();
    await shown.sees('Ready=True');

    const kept = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])',
    );
    expect(kept).not.toContain('secret');
    await page.reload();
    await shown.sees('A token, please');
  });

  it('that was refused is tried again when it is given again', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page, sample } = shown;
    sample.token = 'one-to-come';
    await shown.open();
    await shown.sees('A token, please');
    sample.token = 'another-one';
    await page.keyboard.type('one-to-come');
    await page.keyboard.press('Enter');
    await shown.sees('This token was not accepted');

    sample.token = 'one-to-come';
    await page.getByLabel('Kubernetes bearer token').fill('one-to-come');
    await page.keyboard.press('Enter');
    await shown.sees('1 claim needs attention');
  });

  it('never shows what the one before it has shown', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page, sample } = shown;
    sample.token = 'of-an-admin';
    await shown.open();
    await shown.sees('A token, please');
    await page.keyboard.type('of-an-admin');
    await page.keyboard.press('Enter');
    await shown.sees('checkpoints');

    sample.token = 'of-a-guest';
    sample.cutStreams();
    await shown.sees('This token was not accepted');
    sample.refusal = { status: 503, message: 'The API server does not say what you may see.' };
    await page.getByLabel('Kubernetes bearer token').fill('of-a-guest');
    await page.keyboard.press('Enter');
    await shown.sees('The API server does not say what you may see.');
    expect(await shown.listed()).toEqual([]);
  });
});

describe('whoever may not list the claims of all namespaces', () => {
  it('names a namespace, sees its claims, and names another one', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page, sample } = shown;
    sample.listable = ['shop', 'empty'];
    await shown.open();
    await shown.sees('Which namespace is yours?');
    await page.keyboard.type('research');
    await page.keyboard.press('Enter');
    await shown.sees('You may not list claims in namespace "research".');
    await shown.sees(/can-i list .* -n research$/);

    await page.getByLabel('Namespace', { exact: true }).fill('shop');
    await page.keyboard.press('Enter');
    await shown.sees('Only namespace shop');
    expect(await shown.listed()).toEqual(['exports', 'inbox', 'pictures']);
    await shown.seesNoMore('all namespaces');

    await page.getByRole('button', { name: 'Another namespace' }).click();
    await shown.sees('Which namespace is yours?');
    await page.keyboard.type('empty');
    await page.keyboard.press('Enter');
    await shown.sees('No claims yet in empty');
    await shown.sees('namespace: empty');
  });

  it('may type at once: the field has the focus before it is painted', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page, sample } = shown;
    sample.listable = [];
    // An observer is told of a change before the next frame.
    await page.addInitScript(`
      globalThis.sawFocus = [];
      new MutationObserver(() => {
        const field = document.getElementById('namespace');
        if (field) sawFocus.push(document.activeElement === field);
      }).observe(document, { childList: true, subtree: true });
    `);
    await shown.open();
    await shown.sees('Which namespace is yours?');

    expect(await page.evaluate('sawFocus[0]')).toBe(true);
  });

  it('follows a link to a claim with one key', async () => {
    await using shown = await OpenPage.prepare(browser);
    shown.sample.listable = ['shop'];
    await shown.open(pictures);
    await shown.sees('Which namespace is yours?');
    await shown.page.keyboard.press('Enter');
    await shown.page.getByRole('heading', { name: 'shop/pictures' }).waitFor();
  });

  it('is not told that a claim of another namespace does not exist', async () => {
    await using shown = await OpenPage.prepare(browser);
    const { page, sample } = shown;
    sample.token = 'of-a-guest';
    sample.listable = ['shop'];
    await shown.open('#namespace=shop');
    await shown.sees('A token, please');
    await page.keyboard.type('of-a-guest');
    await page.keyboard.press('Enter');
    await shown.sees('Which namespace is yours?');
    await page.keyboard.press('Enter');
    await shown.sees('Only namespace shop');
    await shown.open('#claim=research/labels');
    await shown.sees('You see no claim research/labels');
  });

  it('sees no claim any more once the right to it is taken away', async () => {
    await using shown = await OpenPage.prepare(browser);
    await shown.open(pictures);
    await shown.sees('Ready=True');
    shown.sample.listable = [];
    shown.sample.cutStreams();
    await shown.sees('You may not list claims in all namespaces.');
    expect(await shown.page.getByText('pictures').count()).toBe(0);
  });
});
