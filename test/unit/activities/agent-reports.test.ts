// Do the claims learn that their storage does not serve?
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAgentReports } from '../../../activities/agent-reports.ts';
import type { AgentReports } from '../../../activities/agent-reports.ts';
import type { SourceReport, SourceState } from '../../../api/node-agent.ts';
import { FakeAgents } from '../../builders/fake-agents.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aClaim, aPod, KEY_A } from '../../builders/objects.ts';
import { waitUntil } from '../../wait-until.ts';

let cluster: FakeCluster;
let agents: FakeAgents;
let looks: string[];
const running: AgentReports[] = [];

beforeEach(() => {
  cluster = new FakeCluster();
  agents = new FakeAgents();
  looks = [];
  cluster.putPod(aPod());
  cluster.put(aClaim());
  cluster.put(aClaim({ metadata: { name: 'other', uid: 'other' }, spec: { mountpoint: 'logs' } }));
});

afterEach(() => Promise.all(running.splice(0).map((reports) => reports.stop())));

/** One controller that hears the agents. */
function aController(): AgentReports {
  const { view, kubernetes } = cluster;
  const reports = createAgentReports({
    view,
    kubernetes,
    agents,
    look: ({ metadata }, { recheck }) => looks.push(`${metadata.name}${recheck ? ' again' : ''}`),
    log: pino({ level: 'silent' }),
  });
  running.push(reports);
  return reports;
}

async function watched(...nodes: string[]): Promise<void> {
  await waitUntil(
    'the agents are watched',
    () =>
      agents.watchers
        .map(({ node }) => node)
        .sort()
        .join() === nodes.join(),
  );
}

function send(report: SourceReport | Error, node = 'node1'): void {
  for (const watcher of agents.watchers.filter((one) => one.node === node)) watcher.send(report);
}

function aReport(state: SourceState, podUid = 'uid-web-1'): SourceReport {
  const target = { podUid, mountpoint: 'data', sourceKey: KEY_A, readOnly: false };
  const code = state === 'failing' ? 'ACCESS_DENIED' : '';
  return { sourceKey: KEY_A, state, code, message: 'rclone was ended', targets: [target] };
}

function setReady(status: 'True' | 'False'): void {
  const claim = aClaim();
  const condition = { type: 'Ready', status, reason: 'X', message: '', lastTransitionTime: '' };
  cluster.put({ ...claim, status: { conditions: [condition] } as typeof claim.status & object });
}

describe('reports of the agents', () => {
  it.each<SourceState>(['dead', 'hung', 'failing'])(
    'make the claim whose source is %s look again, and no other',
    async (state) => {
      aController().wake();
      await watched('node1', 'node2');

      send(aReport(state));

      await waitUntil('a claim looks', () => looks.length > 0);
      expect(looks).toEqual(['pictures again']);
      expect(cluster.events.size).toBe(0);
    },
  );

  it.each([
    ['False', ['pictures again']],
    ['True', []],
  ] as const)('of a recovery are told to a claim whose Ready is %s', async (ready, wanted) => {
    setReady(ready);
    aController().wake();
    await watched('node1', 'node2');

    send(aReport('recovered'));

    await waitUntil('an Event is there', () => cluster.events.size > 0);
    const [event] = cluster.events.values();
    expect(event).toMatchObject({
      type: 'Warning',
      reason: 'MountRecovered',
      note: 'rclone was ended',
      regarding: { name: 'pictures', uid: 'claim-uid' },
    });
    expect(looks).toEqual(wanted);
  });

  it('of a storage that answers again let the claim look whose Ready is False, without an Event', async () => {
    setReady('False');
    aController().wake();
    await watched('node1', 'node2');

    send(aReport('healthy'));

    await waitUntil('a claim looks', () => looks.length > 0);
    expect(looks).toEqual(['pictures again']);
    // What follows is taken in when this is done.
    send(aReport('dead'));
    await waitUntil('it looks again', () => looks.length > 1);
    expect(cluster.events.size).toBe(0);
  });

  it('of a storage that answers again do not concern a claim whose Ready is True', async () => {
    setReady('True');
    aController().wake();
    await watched('node1', 'node2');

    send(aReport('healthy'));
    send(aReport('dead'));

    await waitUntil('a claim looks', () => looks.length > 0);
    expect(looks).toEqual(['pictures again']);
  });

  it('count a recovery once although two controllers tell it', async () => {
    setReady('False');
    aController().wake();
    aController().wake();
    await watched('node1', 'node1', 'node2', 'node2');

    send(aReport('recovered'));
    await waitUntil('a claim looks', () => looks.length === 2);
    expect([...cluster.events.values()].map(({ series }) => series)).toEqual([undefined]);

    send(aReport('recovered'));
    await waitUntil('the Event counts up', () =>
      [...cluster.events.values()].some(({ series }) => series !== undefined),
    );
    expect([...cluster.events.values()]).toMatchObject([{ series: { count: 2 } }]);
  });

  it('of a pod that nobody knows concern no claim', async () => {
    aController().wake();
    await watched('node1', 'node2');

    send(aReport('dead', 'gone'));
    send(aReport('dead'));

    await waitUntil('a claim looks', () => looks.length > 0);
    expect(looks).toEqual(['pictures again']);
  });

  it('are heard on after the call broke off', async () => {
    aController().wake();
    await watched('node1', 'node2');
    send(new Error('reset'));
    await waitUntil('another call is made', () => agents.watchesOpened === 3);
    await watched('node1', 'node2');

    send(aReport('dead'));

    await waitUntil('a claim looks', () => looks.length > 0);
  });

  it('are asked of an agent at its new address, and no more of a node without one', async () => {
    const reports = aController();
    reports.wake();
    await watched('node1', 'node2');
    cluster.agents.set('node1', '127.0.0.2');
    cluster.agents.delete('node2');

    reports.wake();

    await watched('node1');
    expect(agents.watchesOpened).toBe(3);
  });

  it('are asked once of each agent however often the cluster changes', async () => {
    const reports = aController();
    for (let change = 0; change < 50; change++) reports.wake();
    await watched('node1', 'node2');

    expect(agents.watchesOpened).toBe(2);
  });

  it('are heard no more after a stop', async () => {
    const reports = aController();
    reports.wake();
    await watched('node1', 'node2');

    await reports.stop();

    expect(agents.watchers).toEqual([]);
  });
});
