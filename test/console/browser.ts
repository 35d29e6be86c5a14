// Which browser shows the page in tests and pictures?
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** @throws Error that says what is missing */
export async function launchBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(
      `There is no ${CHROMIUM}; install Debian's packages chromium and fonts-dejavu-core.`,
    );
  }
  // In a container, and as root, Chromium's own sandbox cannot be made.
  return await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
}
