// Can today's workflow go on with the histories of yesterday's?
//
// The histories in test/histories are added to, never replaced. To keep new ones:
// DYNVOL_KEEP_HISTORIES=1 npm test -- workflow
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { beforeAll, expect, it } from 'vitest';
import { bundleWorkflows } from '../../workers/bundle-workflows.ts';
import { parseHistory } from './history-file.ts';
import { HISTORIES_DIR } from './lab.ts';

/** How many histories there are: an empty folder must not pass. */
const HISTORIES = 53;

let code: string;
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  code = await bundleWorkflows();
});

/** What of these histories cannot be replayed. */
async function replay(texts: Map<string, string>): Promise<{ count: number; failed: string[] }> {
  const histories = [...texts].map(([workflowId, text]) => ({
    workflowId,
    history: parseHistory(text),
  }));
  const failed: string[] = [];
  let count = 0;
  const results = Worker.runReplayHistories({ workflowBundle: { code } }, histories);
  for await (const { workflowId, error } of results) {
    count++;
    if (error) failed.push(`${workflowId}: ${error.message}`);
  }
  return { count, failed };
}

async function readHistories(): Promise<Map<string, string>> {
  const files = (await readdir(HISTORIES_DIR)).filter((file) => file.endsWith('.json')).sort();
  const read = files.map(async (file): Promise<[string, string]> => [
    path.basename(file, '.json'),
    await readFile(path.join(HISTORIES_DIR, file), 'utf8'),
  ]);
  return new Map(await Promise.all(read));
}

it('replays every history that was kept', async () => {
  expect(await replay(await readHistories())).toEqual({ count: HISTORIES, failed: [] });
});

it('notices a history that the workflow would not make', async () => {
  const whole = (await readHistories()).get('whole-life') ?? '';

  const { failed } = await replay(new Map([['other', whole.replaceAll('detachNode', 'other')]]));

  expect(failed).toHaveLength(1);
});
