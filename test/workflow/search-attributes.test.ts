// Does a Temporal server learn the search attributes that it lacks?
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES, TASK_QUEUE } from '../../api/names.ts';
import { ensureSearchAttributes } from '../../workers/search-attributes.ts';
import { buildFirstSearchAttributes } from '../../workflows/search-keys.ts';
import { CLAIM } from '../builders/objects.ts';
import { waitUntil } from '../wait-until.ts';
import { Lab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start({ searchAttributes: [] });
});
afterAll(async () => {
  await lab.stop();
});

async function listNames(): Promise<string[]> {
  const { operatorService } = lab.environment.nativeConnection;
  const known = await operatorService.listSearchAttributes({ namespace: 'default' });
  return Object.keys(known.customAttributes);
}

it('registers them once, and workflows start with them', async () => {
  const { nativeConnection, client } = lab.environment;
  const names = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
  expect(await listNames()).not.toEqual(expect.arrayContaining(names));

  await ensureSearchAttributes(nativeConnection, 'default');
  await ensureSearchAttributes(nativeConnection, 'default');

  expect(await listNames()).toEqual(expect.arrayContaining(names));
  const typedSearchAttributes = buildFirstSearchAttributes(CLAIM);
  await waitUntil('a workflow starts', () =>
    client.workflow
      .start('any', { workflowId: 'any', taskQueue: TASK_QUEUE, typedSearchAttributes })
      .then(
        () => true,
        () => false,
      ),
  );
});
