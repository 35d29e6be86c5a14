// How is the console's page shown before a console that a test steers?
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { buildSampleClaims, type SampleClaim } from '../../../console/claims.ts';
import { SampleConsole } from '../../../console/sample-console.ts';
import { openPage, WatchedPage } from '../../../console/watched-page.ts';

export class OpenPage extends WatchedPage {
  readonly sample: SampleConsole;

  private constructor(sample: SampleConsole, page: Page) {
    super(page);
    this.sample = sample;
  }

  /** The page is not loaded yet: what the console answers can still be changed. */
  static async prepare(
    browser: Browser,
    claims: SampleClaim[] = buildSampleClaims(),
    options: BrowserContextOptions = {},
  ): Promise<OpenPage> {
    const sample = await SampleConsole.start(claims);
    return new OpenPage(sample, await openPage(browser, options));
  }

  async open(hash = ''): Promise<void> {
    await this.page.goto(`${this.sample.url}${hash}`);
  }

  /** Text of the element that has the focus. */
  async focused(): Promise<string> {
    return await this.page.evaluate('document.activeElement.textContent');
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.sample[Symbol.asyncDispose]();
  }
}
