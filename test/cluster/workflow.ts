// What does Temporal tell of a workflow, and how does a person steer it? (all through Temporal's CLI)
import { waitUntil } from '../wait-until.ts';
import type { AnyObject } from './kube.ts';
import { run, runOk, type Outcome } from './programs.ts';

/** The newest run of a workflow. */
export class Workflow {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  /** `workflowExecutionInfo` of `temporal workflow describe`. */
  async describe(): Promise<AnyObject> {
    return (await this.#ask('describe'))['workflowExecutionInfo'];
  }

  async status(): Promise<string> {
    return String((await this.describe())['status']);
  }

  async runId(): Promise<string> {
    return String((await this.describe())['execution'].runId);
  }

  async isRunning(): Promise<boolean> {
    return (await this.status()).endsWith('RUNNING');
  }

  /** Events in the history, once the workflow has nothing to do: what it has shown, it may still be writing down. */
  async countEvents(): Promise<number> {
    let seen: AnyObject = {};
    await waitUntil(`workflow ${this.id} has nothing to do`, async () => {
      seen = await this.#ask('describe');
      return !seen['pendingWorkflowTask'] && !seen['pendingActivities']?.length;
    });
    return Number(seen['workflowExecutionInfo'].historyLength);
  }

  /** The history with its payloads decoded. */
  async history(): Promise<AnyObject[]> {
    return decodePayloads((await this.#ask('show'))['events']) as AnyObject[];
  }

  /** Inputs of all scheduled activities of this type, in order. */
  async scheduled(activityType: string): Promise<AnyObject[]> {
    const history = await this.history();
    return history
      .map((event) => event['activityTaskScheduledEventAttributes'] as AnyObject | undefined)
      .filter((attributes) => attributes?.['activityType'].name === activityType)
      .map((attributes) => attributes?.['input'].payloads[0] as AnyObject);
  }

  /** @param input JSON as a person types it; none at all when absent */
  async signal(name: string, input?: string): Promise<void> {
    await runOk('temporal', ['workflow', 'signal', ...this.#name(name, input)]);
  }

  /** The outcome of the update: a status other than 0 is a rejection. */
  async update(name: string, input?: string): Promise<Outcome> {
    return await run('temporal', ['workflow', 'update', 'execute', ...this.#name(name, input)]);
  }

  async updateOk(name: string, input?: string): Promise<string> {
    return await runOk('temporal', ['workflow', 'update', 'execute', ...this.#name(name, input)]);
  }

  /** Answer of a query without arguments. */
  async query(name: string): Promise<unknown> {
    const answer = await this.#ask('query', '--name', name);
    const [result] = [decodePayloads(answer['queryResult'])].flat() as AnyObject[];
    return result?.['payloads']?.[0] ?? result;
  }

  async terminate(): Promise<void> {
    const why = ['--reason', 'a test ends it'];
    await runOk('temporal', ['workflow', 'terminate', '-w', this.id, ...why]);
  }

  /** Begins a new run from the first workflow task. */
  async reset(): Promise<void> {
    const how = ['--type', 'FirstWorkflowTask', '--reason', 'a test resets it'];
    await runOk('temporal', ['workflow', 'reset', '-w', this.id, ...how]);
  }

  async waitCompleted(): Promise<void> {
    await waitUntil(`workflow ${this.id} is completed`, async () =>
      (await this.status()).endsWith('COMPLETED'),
    );
  }

  /** Waits until another run than this one is running. */
  async waitOtherRun(former: string): Promise<void> {
    await waitUntil(
      `workflow ${this.id} runs again`,
      async () => (await this.runId()) !== former && (await this.isRunning()),
      60_000,
    );
  }

  #name(name: string, input: string | undefined): string[] {
    return ['-w', this.id, '--name', name, ...(input === undefined ? [] : ['--input', input])];
  }

  async #ask(verb: string, ...args: string[]): Promise<AnyObject> {
    return JSON.parse(
      await runOk('temporal', ['workflow', verb, '-w', this.id, ...args, '-o', 'json']),
    );
  }
}

/** Ids of the workflows that a visibility query finds. */
export async function listWorkflowIds(query: string): Promise<string[]> {
  const args = ['--limit', '10000', '--query', query, '-o', 'json'];
  const found = JSON.parse(await runOk('temporal', ['workflow', 'list', ...args]));
  return (found as { execution: { workflowId: string } }[]).map(
    ({ execution }) => execution.workflowId,
  );
}

/** Number of workflow runs that a visibility query finds. */
export async function countWorkflows(query: string): Promise<number> {
  const text = await runOk('temporal', ['workflow', 'count', '--query', query, '-o', 'json']);
  return Number(JSON.parse(text).count ?? 0);
}

/** Replaces every payload (base64 in JSON) by what it holds. */
export function decodePayloads(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodePayloads);
  if (typeof value !== 'object' || value === null) return value;
  const { metadata, data } = value as { metadata?: { encoding?: string }; data?: unknown };
  if (metadata?.encoding !== undefined && typeof data === 'string') return parsePayload(data);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, decodePayloads(inner)]),
  );
}

function parsePayload(data: string): unknown {
  const text = Buffer.from(data, 'base64').toString();
  try {
    return JSON.parse(text);
  } catch {
    return text; // not of the encoding json/plain
  }
}
