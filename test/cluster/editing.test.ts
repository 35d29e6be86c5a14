// What does a running container see when its claim is edited?
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleEndpoints } from '../../deploy/stack/addresses.ts';
import { waitUntil } from '../wait-until.ts';
import { buildReadables, expectUnnoticed } from './reader.ts';
import { createBucket, getObject, putTexts } from './s3.ts';
import { ROOT_PATH, Scenario, type ClaimOptions, type Pod } from './scenario.ts';

describe.concurrent('an edited claim', () => {
  const labels = { app: 'edited' };
  let scenario: Scenario;
  let pod: Pod;
  beforeAll(async () => {
    scenario = await Scenario.create('edit');
    const other = `${scenario.bucket}-other`;
    await createBucket(other);
    await putTexts(scenario.bucket, {
      ...buildReadables('here'),
      ...buildReadables('folder', 'deep/folder/'),
    });
    await putTexts(other, buildReadables('other'));
    pod = await scenario.runningPod({ labels });
  });
  afterAll(async () => {
    await scenario.destroy();
  });

  interface Edit {
    title: string;
    change: () => ClaimOptions;
    where: string;
  }
  const edits: Edit[] = [
    { title: 'bucket', change: () => ({ bucket: `${scenario.bucket}-other` }), where: 'other' },
    { title: 'prefix', change: () => ({ prefix: 'deep/folder' }), where: 'folder' },
    {
      title: 'endpoint',
      change: () => ({ endpoint: `http://${sampleEndpoints.plain}` }),
      where: 'here',
    },
  ];
  it.each(edits)('changes its $title beneath its readers', async ({ title, change, where }) => {
    const options = { name: title, mountpoint: `/${title}`, selector: labels };
    const claim = await scenario.readyClaim(options);
    const before = await pod.seenMount(title);

    await expectUnnoticed({
      pod,
      mountpoint: title,
      isOver: (text, device) => device !== before.device && text === `${where}\n`,
      action: () => scenario.claim({ ...options, ...change() }),
    });

    await claim.waitReady();
    expect((await pod.fuseMounts()).filter((path) => path.endsWith(`/${title}`))).toHaveLength(1);
  });

  it('changes between read-only and writable beneath its readers', async () => {
    const options = { name: 'mode', mountpoint: '/mode', selector: labels, prefix: 'deep/folder' };
    const claim = await scenario.readyClaim(options);
    await pod.shellOk(`echo x > ${ROOT_PATH}/mode/written.txt`);

    await expectUnnoticed({
      pod,
      mountpoint: 'mode',
      isOver: () => true,
      action: async () => {
        await scenario.claim({ ...options, readOnly: true });
        await claim.waitReady();
      },
    });
    const refused = await pod.shell(`echo x > ${ROOT_PATH}/mode/refused.txt`);
    expect(refused.stderr).toContain('Read-only file system');

    await scenario.claim({ ...options, readOnly: false });
    await claim.waitReady();
    await pod.shellOk(`echo x > ${ROOT_PATH}/mode/again.txt`);
  });

  it('moves to the pods of its new selector', async () => {
    const [from, to] = await Promise.all([
      scenario.runningPod({ labels: { app: 'from' } }),
      scenario.runningPod({ labels: { app: 'to' } }),
    ]);
    const claim = await scenario.readyClaim({ name: 'move', selector: { app: 'from' } });

    await scenario.claim({ name: 'move', selector: { app: 'to' } });

    await claim.waitReady();
    expect(await to.shellOk(`cat ${ROOT_PATH}/data/hello.txt`)).toContain('here');
    await from.waitMounts([]);
    await from.waitNoMountPods();
    expect(await claim.podsIn('Attached')).toEqual([to.name]);
  });

  it('ends in the last state after ten edits in a second', async () => {
    const texts = Array.from({ length: 10 }, (_, n) => [`n${n}/where.txt`, `state ${n}\n`]);
    await putTexts(scenario.bucket, Object.fromEntries(texts));
    const options = { name: 'quick', mountpoint: '/quick', selector: labels };
    const claim = await scenario.readyClaim(options);

    for (let n = 0; n < 10; n += 1) await scenario.claim({ ...options, prefix: `n${n}` });

    await claim.waitReady();
    expect(await pod.shellOk(`cat ${ROOT_PATH}/quick/where.txt`)).toBe('state 9\n');
    await waitUntil(
      'nothing of the former states is mounted',
      async () => (await pod.fuseMounts()).filter((path) => path.endsWith('/quick')).length === 1,
    );
  });

  it('shows and fills only the folder that its prefix names', async () => {
    await putTexts(scenario.bucket, { 'team/a/one.txt': '1\n', 'team/b/two.txt': '2\n' });
    const options = { selector: labels, mountpoint: '/only' };
    await scenario.readyClaim({ ...options, name: 'only', prefix: 'team/a' });

    expect(await pod.shellOk(`ls ${ROOT_PATH}/only`)).toBe('one.txt\n');
    await pod.shellOk(`echo 3 > ${ROOT_PATH}/only/three.txt`);
    expect(await getObject(scenario.bucket, 'team/a/three.txt')).toBe('3\n');
  });

  it('shows a folder that does not exist yet as an empty one', async () => {
    await scenario.readyClaim({
      name: 'empty',
      selector: labels,
      mountpoint: '/empty',
      prefix: 'nobody/was/here',
    });

    expect(await pod.shellOk(`ls -A ${ROOT_PATH}/empty`)).toBe('');
  });
});
