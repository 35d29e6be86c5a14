// Does a class with cached writes take appends and random writes, and lose none of them?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectNothingLeft } from './nothing-left.ts';
import { S3Gate } from './s3-gate.ts';
import { getObject, listObjects } from './s3.ts';
import { HEAL_MS, ROOT_PATH, Scenario } from './scenario.ts';

const data = `${ROOT_PATH}/data`;
const storageClass = { parameters: { writeMode: 'cached' } };

describe.concurrent('cached writes', () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await Scenario.create('cached', { storageClass });
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  it('append and change files, and are in the bucket once the claim has gone', async () => {
    const labels = { app: 'append' };
    const pod = await scenario.runningPod({ labels });
    const claim = await scenario.readyClaim({ name: 'append', selector: labels });

    await pod.shellOk(
      [
        `cd ${data}`,
        'printf "one\\n" > log',
        'printf "two\\n" >> log',
        'printf "0123456789" > random',
        'printf "XY" | dd of=random bs=1 seek=4 conv=notrunc 2> /dev/null',
        'cd /',
      ].join(' && '),
    );
    await claim.delete();

    expect(await getObject(scenario.bucket, 'log')).toBe('one\ntwo\n');
    expect(await getObject(scenario.bucket, 'random')).toBe('0123XY6789');
  });

  it('hold back a deletion until the server has taken them, and say how many wait', async () => {
    await using gate = await S3Gate.open();
    const labels = { app: 'flush' };
    const pod = await scenario.runningPod({ labels });
    const claim = await scenario.readyClaim({
      name: 'flush',
      selector: labels,
      endpoint: gate.endpoint,
    });
    gate.hold('uploads');
    const write = 'for n in 1 2 3; do echo "flushed $n" > flush-$n; done';
    await pod.shellOk(`cd ${data} && ${write}`);

    await claim.remove();

    expect(await claim.waitCondition('Flushing')).toContain('3 files');
    gate.release();
    await claim.delete();
    const written = (await listObjects(scenario.bucket)).filter((key) => key.startsWith('flush-'));
    expect(written).toEqual(['flush-1', 'flush-2', 'flush-3']);
    expect(await getObject(scenario.bucket, 'flush-3')).toBe('flushed 3\n');
  });

  it.each([
    { verb: 'remount', edit: false },
    { verb: 'edit', edit: true },
  ])('hold back a $verb until the server has taken them', async ({ verb, edit }) => {
    await using gate = await S3Gate.open();
    const labels = { app: verb };
    const pod = await scenario.runningPod({ labels });
    const options = { name: verb, selector: labels, endpoint: gate.endpoint };
    const claim = await scenario.readyClaim(options);
    const before = await pod.seenMount('data');
    gate.hold('uploads');
    await pod.shellOk(`echo before the ${verb} > ${data}/${verb}`);

    if (edit) await scenario.claim({ ...options, prefix: 'elsewhere' });
    else await claim.workflow.signal('remount');

    await claim.waitCondition('Flushing');
    expect((await pod.seenMount('data')).device).toBe(before.device);
    gate.release();
    await pod.waitFreshMount('data', before.device, HEAL_MS);
    expect(await getObject(scenario.bucket, verb)).toBe(`before the ${verb}\n`);
    await claim.delete();
  });

  it('can be given up by a detach with force', async () => {
    await using gate = await S3Gate.open();
    const labels = { app: 'discard' };
    const pod = await scenario.runningPod({ labels });
    const options = { name: 'discard', selector: labels, endpoint: gate.endpoint };
    const claim = await scenario.readyClaim(options);
    gate.hold('uploads');
    await pod.shellOk(`echo lost > ${data}/discarded`);

    await claim.workflow.signal('detach', '{"force":true}');

    await claim.waitDetached();
    expect(await pod.fuseMounts()).toEqual([]);
    await claim.delete();
  });
});

it('sequential writes, the default, refuse what only a cache can do', async () => {
  await using scenario = await Scenario.create('sequential');
  const pod = await scenario.runningPod();
  const claim = await scenario.readyClaim();
  await pod.shellOk(`echo one > ${data}/log`);

  expect((await pod.shell(`echo two >> ${data}/log`)).status).not.toBe(0);

  await claim.delete();
  await expectNothingLeft(scenario);
  expect(await getObject(scenario.bucket, 'log')).toBe('one\n');
});
