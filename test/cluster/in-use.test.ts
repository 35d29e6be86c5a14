// What happens to a mount that somebody uses while it shall go?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyObject } from './kube.ts';
import { startHolder, type Hold } from './holder.ts';
import { buildContainer } from './pod.ts';
import { ROOT_PATH, Scenario, type Claim } from './scenario.ts';

const holds: { hold: Hold; says: string }[] = [
  { hold: 'an open file', says: 'hello.txt' },
  { hold: 'a working directory', says: ROOT_PATH },
  { hold: 'a mapped file', says: 'hello.txt' },
];

/** How each mount was taken away, as the history tells it. */
async function readRungs(claim: Claim): Promise<string[]> {
  const history = await claim.workflow.history();
  const results = history
    .map((event) => event['activityTaskCompletedEventAttributes']?.result?.payloads[0])
    .flatMap((result) => (result?.results ?? []) as AnyObject[]);
  return results.map((result) => String(result['rung'] ?? '')).filter(Boolean);
}

describe.concurrent('a mount with a process that holds it', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await Scenario.create('inuse');
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it.each(holds)(
    'by $hold stays for the grace, InUse names the process, and then it is forced',
    async ({ hold, says }) => {
      const name = hold.replaceAll(' ', '-');
      const pod = await scenario.runningPod({
        labels: { app: name },
        spec: { containers: [buildContainer('holding')] },
      });
      const claim = await scenario.readyClaim({
        name,
        selector: { app: name },
        mountpoint: `/${name}`,
      });
      const pid = await startHolder(pod, hold, `${ROOT_PATH}/${name}`);

      await claim.workflow.updateOk('detach', '{"graceSeconds":6}');

      const message = await claim.waitCondition('InUse');
      for (const part of [pod.name, 'holding', String(pid), says]) expect(message).toContain(part);
      await claim.waitDetached();
      expect(await pod.fuseMounts()).toEqual([]);
      expect((await readRungs(claim)).at(-1)).toMatch(/^(abort|lazy)$/);
      await pod.waitNoMountPods();
    },
  );

  it('is taken away at once by a detach with force', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'force' } });
    const claim = await scenario.readyClaim({
      name: 'force',
      selector: { app: 'force' },
      mountpoint: '/force',
    });
    await startHolder(pod, 'an open file', `${ROOT_PATH}/force`);

    await claim.workflow.signal('detach', '{"force":true}');

    await claim.waitDetached();
    expect(await pod.fuseMounts()).toEqual([]);
    expect(await readRungs(claim)).toContain('abort');
  });

  it('is aborted for nobody else who reads the same source', async () => {
    const shared = { dispatchPolicy: 'shared', nodeName: 'node1' } as const;
    const [held, other] = await Promise.all([
      scenario.runningPod({ ...shared, labels: { app: 'pair', role: 'held' } }),
      scenario.runningPod({ ...shared, labels: { app: 'pair', role: 'other' } }),
    ]);
    const claim = await scenario.readyClaim({ name: 'held', selector: { role: 'held' } });
    await scenario.readyClaim({ name: 'other', selector: { role: 'other' } });
    await startHolder(held, 'an open file', `${ROOT_PATH}/data`);

    await claim.workflow.signal('detach', '{"force":true}');

    await claim.waitDetached();
    expect(await readRungs(claim)).toContain('lazy');
    expect(await other.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');
  });

  it('goes by a plain unmount when nobody holds it', async () => {
    const pod = await scenario.runningPod({ labels: { app: 'free' } });
    const claim = await scenario.readyClaim({ name: 'free', selector: { app: 'free' } });

    await claim.workflow.updateOk('detach');

    await claim.waitDetached();
    expect(await pod.fuseMounts()).toEqual([]);
    expect(await readRungs(claim)).toEqual(['plain']);
  });
});
