// Does a credential ever show up where somebody could read it?
import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { list, type AnyObject } from './kube.ts';
import { listPodProcesses } from '../../deploy/stack/pod-processes.ts';
import { run } from './programs.ts';
import { createUser, giveBucket } from './s3.ts';
import { CLAIM_API, ROOT_PATH, Scenario } from './scenario.ts';
import { listWorkflowIds, Workflow } from './workflow.ts';

const OURS = ['dynvol-system', 'dynvol-mounts'];

it('is in no history, log, event, status, argument list or environment', async () => {
  const scenario = await Scenario.create('canary');
  const key = `CANARYKEY${randomBytes(8).toString('hex')}`;
  const secret = `CANARY-${randomBytes(16).toString('hex')}`;
  await createUser(key, secret, 'user');
  try {
    await scenario.secret({ 'access-key-id': key, 'secret-access-key': secret });
    const pod = await scenario.runningPod();

    // The canary may not see this bucket at first: the failing way must be as discreet as the good one.
    const claim = await scenario.claim();
    await claim.waitReason('AccessDenied');
    await giveBucket(scenario.bucket, key);
    await claim.waitReady();
    expect(await pod.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('hello');

    const places = await readEverything(claim.workflowId);
    expect(places.length).toBeGreaterThan(10);
    const leaks = places.filter(({ text }) => text.includes(secret) || text.includes(key));
    expect(leaks.map(({ where }) => where)).toEqual([]);
  } finally {
    await scenario.destroy();
  }
}, 240_000);

interface Place {
  where: string;
  text: string;
}

async function readEverything(workflowId: string): Promise<Place[]> {
  return [
    ...(await readHistories()),
    { where: `history of ${workflowId}`, text: await readHistory(workflowId) },
    ...(await readLogs()),
    ...(await readObjects()),
    ...(await readProcesses()),
  ];
}

/** Decoded: a credential within a payload would be base64 otherwise. */
async function readHistory(workflowId: string): Promise<string> {
  return JSON.stringify(await new Workflow(workflowId).history());
}

async function readHistories(): Promise<Place[]> {
  // All that could have met the canary, which is as old as this process at most.
  const since = new Date(performance.timeOrigin).toISOString();
  const ids = await listWorkflowIds(`ExecutionStatus = 'Running' OR StartTime > '${since}'`);
  const places: Place[] = [];
  for (const id of new Set(ids)) {
    places.push({ where: `history of ${id}`, text: await readHistory(id) });
  }
  return places;
}

async function readLogs(): Promise<Place[]> {
  const pods = (await Promise.all(OURS.map((namespace) => list('v1', 'Pod', namespace)))).flat();
  return await Promise.all(
    pods.map(async ({ metadata }) => {
      const outcome = await run('kubectl', [
        'logs',
        '--all-containers',
        '--namespace',
        String(metadata?.namespace),
        String(metadata?.name),
      ]);
      return { where: `log of ${metadata?.name}`, text: outcome.stdout };
    }),
  );
}

async function readObjects(): Promise<Place[]> {
  const kinds: [string, string][] = [
    ['v1', 'Pod'],
    ['v1', 'Event'],
    ['events.k8s.io/v1', 'Event'],
    [CLAIM_API, 'DynamicVolumeClaim'],
    [CLAIM_API, 'StorageProviderClass'],
  ];
  const lists = await Promise.all(kinds.map(([version, kind]) => list(version, kind)));
  return lists.flat().map((object: AnyObject) => ({
    where: `${object.kind} ${object.metadata?.name}`,
    text: JSON.stringify(object),
  }));
}

async function readProcesses(): Promise<Place[]> {
  return (await listPodProcesses()).flatMap(({ pid, command, argv, environment }) => [
    { where: `arguments of ${command} (${pid})`, text: argv },
    { where: `environment of ${command} (${pid})`, text: environment },
  ]);
}
