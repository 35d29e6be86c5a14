// How does a test break the controllers' watches?
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { etcdClientUrl } from '../../../deploy/stack/components/etcd.ts';
import { workloadPid } from '../../../deploy/stack/pod-processes.ts';
import { runOk } from '../programs.ts';

/** How often: a watch lives no longer than this. */
const EVERY_MS = 1_000;

/** Destroys all connections of these pods to the API server every second while something happens. */
export async function cutConnections(podUids: string[], work: () => Promise<void>): Promise<void> {
  const pids = await Promise.all(podUids.map(workloadPid));
  const ended = new AbortController();
  const cutting = (async () => {
    let cut = 0;
    while (!ended.signal.aborted) {
      for (const pid of pids) cut += await cutOnce(pid);
      await delay(EVERY_MS, undefined, { signal: ended.signal }).catch(() => undefined);
    }
    return cut;
  })();
  try {
    await work();
  } finally {
    ended.abort();
  }
  expect(await cutting).toBeGreaterThan(0);
}

/** @returns how many there were (ss(8), `-K`) */
async function cutOnce(pid: number): Promise<number> {
  const enter = ['-t', String(pid), '-n', '--'];
  const text = await runOk('nsenter', [...enter, 'ss', '-KHnt', 'dport', '=', ':443']);
  return text.split('\n').filter(Boolean).length;
}

/** Makes etcd forget all revisions but the newest one, through its JSON gateway. */
export async function compactEtcd(): Promise<void> {
  const { header } = (await ask('range', { key: 'AA==' })) as { header: { revision: string } };
  await ask('compaction', { revision: header.revision, physical: true });
}

async function ask(method: 'range' | 'compaction', body: object): Promise<unknown> {
  const answer = await fetch(`${etcdClientUrl}/v3/kv/${method}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`etcd answered ${answer.status}: ${await answer.text()}`);
  return await answer.json();
}
