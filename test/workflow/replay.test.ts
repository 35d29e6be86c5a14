// Can today's workflow go on with the histories of yesterday's?
//
// The histories in test/histories are added to, never replaced. To keep new ones:
// DYNVOL_KEEP_HISTORIES=1 npm test -- workflow
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { bundleWorkflows } from '../../workers/bundle-workflows.ts';
import { parseHistory } from './history-file.ts';
import { HISTORIES_DIR } from './lab.ts';

/** How many histories there are: an empty folder must not pass. */
const HISTORIES = 22;

it('replays every history that was kept', async () => {
  const files = (await readdir(HISTORIES_DIR)).filter((file) => file.endsWith('.json')).sort();
  const histories = await Promise.all(
    files.map(async (file) => ({
      workflowId: path.basename(file, '.json'),
      history: parseHistory(await readFile(path.join(HISTORIES_DIR, file), 'utf8')),
    })),
  );
  const workflowBundle = { code: await bundleWorkflows() };

  const failed: string[] = [];
  let replayed = 0;
  for await (const result of Worker.runReplayHistories({ workflowBundle }, histories)) {
    replayed++;
    if (result.error) failed.push(`${result.workflowId}: ${result.error.message}`);
  }

  expect(failed).toEqual([]);
  expect(replayed).toBe(HISTORIES);
});
