// What does a browser show, and what does it complain about?
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** How long a text may take to appear, unless the test says otherwise. */
const SEEN_MS = 20_000;

/** A page in a browser profile of its own. */
export class WatchedPage implements AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts, of loading and of the content security policy. */
  readonly complaints: string[] = [];

  protected constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(SEEN_MS);
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  static async of(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
    return new WatchedPage(await openPage(browser, options));
  }

  /** Waits until a text is to be seen, anywhere. */
  async sees(text: string | RegExp, timeout = SEEN_MS): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor({ timeout });
  }

  async seesNoMore(text: string | RegExp, timeout = SEEN_MS): Promise<void> {
    await this.page.getByText(text).first().waitFor({ state: 'hidden', timeout });
  }

  /** Names of the claims in the console's list, from the top. */
  async listed(): Promise<string[]> {
    return await this.page.locator('.claim-row .claim-name').allTextContents();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}

/** Opens an empty page with cookies and storage of its own. */
export async function openPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options);
  return await context.newPage();
}
