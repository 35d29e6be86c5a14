// Where may a test write?
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Makes a folder that goes away with the test that asks for it. */
export function makeTemporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'dynvol-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
