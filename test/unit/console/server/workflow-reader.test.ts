// What does the console make of what Temporal answers, or does not?
import { status as grpc } from '@grpc/grpc-js';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { createWorkflowReader } from '../../../../console/server/workflow-reader.ts';

/** As the SDK throws what the server refuses. */
function refuse(code: grpc, details: string): Error {
  return Object.assign(new Error(`${code} ${details}`), { code, details });
}

/** A client whose answers wait until the test gives them. */
class FakeClient {
  readonly asked: string[] = [];
  readonly deadlinesMs: number[] = [];
  #answer = Promise.withResolvers<unknown>();

  readonly client = {
    withDeadline: (deadline: number, ask: () => Promise<unknown>) => {
      this.deadlinesMs.push(deadline);
      return ask();
    },
    workflow: {
      getHandle: (id: string) => ({
        query: (name: string) => this.#ask(`query ${name} ${id}`),
        fetchHistory: () => this.#ask(`history ${id}`),
      }),
    },
  } as unknown as Client;

  answer(value: unknown): void {
    this.#answer.resolve(value);
    this.#answer = Promise.withResolvers();
  }

  fail(reason: Error): void {
    this.#answer.reject(reason);
    this.#answer = Promise.withResolvers();
  }

  #ask(what: string): Promise<unknown> {
    this.asked.push(what);
    return this.#answer.promise;
  }
}

it('asks once for all who ask at the same time, and anew after that', async () => {
  const fake = new FakeClient();
  const reader = createWorkflowReader(fake.client);
  const answers = [reader.explain('a'), reader.explain('a'), reader.readHistory('a')];
  fake.answer('All is well.');
  expect(await Promise.all(answers.slice(0, 2))).toEqual(['All is well.', 'All is well.']);
  expect(fake.asked).toEqual(['query explain a', 'history a']);
  const again = reader.explain('a');
  fake.answer('Still well.');
  expect(await again).toBe('Still well.');
});

it('gives Temporal three seconds', async () => {
  const fake = new FakeClient();
  const reader = createWorkflowReader(fake.client);
  const beforeMs = Date.now();
  const reading = Promise.all([reader.explain('a'), reader.readHistory('b')]);
  fake.answer({});
  await reading;
  for (const deadlineMs of fake.deadlinesMs) {
    expect(deadlineMs).toBeGreaterThanOrEqual(beforeMs + 3_000);
    expect(deadlineMs).toBeLessThanOrEqual(Date.now() + 3_000);
  }
  expect(fake.deadlinesMs).toHaveLength(2);
});

it('explains that a workflow is not started yet', async () => {
  const fake = new FakeClient();
  const explained = createWorkflowReader(fake.client).explain('a');
  fake.fail(new WorkflowNotFoundError('workflow not found for ID: a', 'a', undefined));
  expect(await explained).toBe('Temporal has no workflow a: it is not started yet.');
});

it.each([
  [refuse(grpc.UNAVAILABLE, 'connection refused'), 503, /^Temporal does not answer/],
  [refuse(grpc.DEADLINE_EXCEEDED, 'Timeout expired'), 503, /^Temporal does not answer/],
  [refuse(grpc.NOT_FOUND, 'workflow not found for ID: a'), 404, /^Temporal has no workflow a/],
])('has no explanation, and no timeline with a reason: %s', async (thrown, status, message) => {
  const fake = new FakeClient();
  const reader = createWorkflowReader(fake.client);
  const explained = reader.explain('a');
  const read = reader.readHistory('a').catch((told: unknown) => told);
  fake.fail(thrown);
  expect(await explained).toBeUndefined();
  expect(await read).toMatchObject({
    status,
    message: expect.stringMatching(message) as string,
  });
});
