// Is the page that a browser shows dark when its reader wants that, and can all of it be read?
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../../../console/browser.ts';
import { SAMPLE_TIME } from '../../../console/claims.ts';
import { contrast } from './contrast.ts';
import { OpenPage } from './open-page.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

/** A text that is to be seen, with its own colour and that of what lies under it. */
interface ShownText {
  text: string;
  colour: string;
  ground: string;
}

/** Of letters in a drawing the fill is the colour, and of cards in it the fill is the ground. */
const READ_TEXTS = `[...document.querySelectorAll('body *')].flatMap((element) => {
  const text = [...element.childNodes]
    .filter(({ nodeType }) => nodeType === Node.TEXT_NODE)
    .map(({ textContent }) => textContent.trim())
    .join(' ').trim();
  if (text === '' || !element.checkVisibility() || element.closest('.only-heard')) return [];
  const style = getComputedStyle(element);
  const isDrawn = element instanceof SVGElement;
  let ground = 'rgba(0, 0, 0, 0)';
  for (let at = element; at && ground === 'rgba(0, 0, 0, 0)'; at = at.parentElement) {
    const card = isDrawn && at.querySelector(':scope > rect');
    const fill = card ? getComputedStyle(card).fill : 'none';
    ground = fill === 'none' ? getComputedStyle(at).backgroundColor : fill;
  }
  return [{ text, colour: isDrawn ? style.fill : style.color, ground }];
})`;

async function readTexts(page: Page): Promise<ShownText[]> {
  const texts: ShownText[] = await page.evaluate(READ_TEXTS);
  return texts.map(({ text, colour, ground }) => ({
    text,
    colour: toHex(colour),
    ground: toHex(ground),
  }));
}

/** @param colour `rgb(1, 2, 3)`, as browsers compute it; what lets others through is none */
function toHex(colour: string): string {
  const [, parts = ''] = /^rgb\((.*)\)$/.exec(colour) ?? [];
  if (parts === '') throw new Error(`"${colour}" is no plain colour`);
  const digits = parts.split(', ').map((part) => Number(part).toString(16).padStart(2, '0'));
  return `#${digits.join('')}`;
}

function findUnreadable(texts: ShownText[]): ShownText[] {
  return texts.filter(({ colour, ground }) => contrast(colour, ground) < 4.5);
}

/** The drawing comes last: it waits until the browser tells how much room there is. */
const readClaim = ['Live', 'Conditions', /^claim .* was seen$/, /^\d+ of \d+ pods$/];

it.each([
  ['', ['Live', '1 claim needs attention']],
  ['#claim=research/training-images', readClaim],
  ['#claim=research/labels', readClaim],
  ['#claim=shop/inbox', readClaim],
])(
  'the page at "%s" is light or dark as its reader wants, and all of it can be read',
  async (hash, texts) => {
    await using shown = await OpenPage.prepare(browser, undefined, { colorScheme: 'light' });
    await shown.page.clock.setFixedTime(SAMPLE_TIME);
    await shown.open(hash);
    for (const text of texts) await shown.sees(text);
    const light = await readTexts(shown.page);
    await shown.page.emulateMedia({ colorScheme: 'dark' });
    const dark = await readTexts(shown.page);

    expect(dark.map(({ text }) => text)).toEqual(light.map(({ text }) => text));
    expect(dark.length).toBeGreaterThan(30);
    expect(findUnreadable(light)).toEqual([]);
    expect(findUnreadable(dark)).toEqual([]);
    expect(light.filter(({ ground }) => contrast(ground, '#ffffff') > 2)).toEqual([]);
    expect(dark.filter(({ ground }) => contrast(ground, '#000000') > 2)).toEqual([]);
  },
);
