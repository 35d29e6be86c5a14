// Are all agents asked, few at a time, and none waited for too long?
import { afterEach, describe, expect, it, vi } from 'vitest';
import { listNodeTables } from '../../../activities/node-tables.ts';
import type { ListResponse } from '../../../api/node-agent.ts';
import { FakeAgents } from '../../builders/fake-agents.ts';

const EMPTY: ListResponse = {
  mounts: [],
  stagedSourceKeys: [],
  publishedPodUids: [],
  throttling: [],
};
const signal = new AbortController().signal;

function requests(count: number): Map<string, { mountPodUids: string[] }> {
  const nodes = Array.from({ length: count }, (_, index) => `node${index}`);
  return new Map(nodes.map((node) => [node, { mountPodUids: [`${node}-mp`] }]));
}

afterEach(() => {
  vi.useRealTimers();
});

describe('listNodeTables', () => {
  it('asks every agent about its own mount pods, 32 at a time', async () => {
    const agents = new FakeAgents();
    const asked: [string, string[]][] = [];
    let now = 0;
    let most = 0;
    agents.list = async (node, { mountPodUids }) => {
      asked.push([node, mountPodUids]);
      most = Math.max(most, ++now);
      await Promise.resolve();
      now--;
      return EMPTY;
    };

    const { tables, silent } = await listNodeTables({ agents }, requests(100), signal);

    expect([tables.size, silent.size, most]).toEqual([100, 0, 32]);
    expect(asked).toContainEqual(['node99', ['node99-mp']]);
  });

  it('tells why an agent did not answer, and asks the others', async () => {
    const agents = new FakeAgents();
    agents.unreachableNodes.add('node1');

    const { tables, silent } = await listNodeTables({ agents }, requests(3), signal);

    expect([...tables.keys()]).toEqual(['node0', 'node2']);
    expect([...silent]).toMatchObject([['node1', { code: 'AGENT_UNREACHABLE' }]]);
  });

  it('asks no further agent once it has waited for 15 s', async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
    const agents = new FakeAgents();
    let asked = 0;
    agents.list = async (_node, _request, { deadlineMs }) => {
      asked++;
      await new Promise((resolve) => setTimeout(resolve, deadlineMs));
      throw new Error('silent');
    };

    const listed = listNodeTables({ agents }, requests(200), signal);
    await vi.advanceTimersByTimeAsync(30_000);

    expect((await listed).silent.size).toBe(200);
    expect(asked).toBe(64);
  });

  it('ends with the reason of its cancellation', async () => {
    const agents = new FakeAgents();
    agents.isUnreachable = true;

    const listed = listNodeTables({ agents }, requests(3), AbortSignal.abort(new Error('enough')));

    await expect(listed).rejects.toThrow('enough');
  });
});
