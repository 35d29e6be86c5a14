import { expect, test } from 'vitest';
import { Lab } from './lab.ts';
import { buildSourceKey } from './pods.ts';
test('x', async () => {
  await using lab = await Lab.make();
  await lab.startAgent();
  lab.storage.makeBucket('bbb', { 'log.txt': 'first\n' });
  const { pod, workload } = await lab.runPod();
  const mountPod = await lab.startMountPod({ args: ['-vv'] });
  const attachment = { pod, mountPod, s3: lab.storage.bucket('bbb'), writeMode: 'cached' } as const;
  expect(await lab.attach(attachment)).toBe('ok');
  const script = `
    exec 3> data/open.txt; echo early >&3
    trap 'echo late >&3; exit 0' TERM
    echo ready; while :; do sleep 0.05; done`;
  const holder = await workload.start(['sh', '-c', script], /ready/);
  const replacesSourceKey = buildSourceKey(mountPod, attachment.s3);
  const successor = await lab.startMountPod();
  const t0 = performance.now();
  await lab.waitForRclone(successor); console.log('successor', performance.now() - t0);
  const next = { ...attachment, mountPod: successor, replacesSourceKey };
  expect(await lab.attach({ ...next, replacedMountPods: [mountPod] })).toBe('ok');
  console.log('attached', performance.now() - t0);
  expect((await lab.detach(attachment, [mountPod])).retired).toEqual([]);
  console.log('detached', performance.now() - t0);
  console.log('before stop', mountPod.service.output().split('\n').length);
  await holder.stop('SIGTERM');
  await new Promise((r) => setTimeout(r, 2000));
  console.log(holder.output(), holder.child.exitCode, holder.child.signalCode);
  console.log(mountPod.service.output().split('\n').filter((l) => !l.includes('rc: "uploads')).slice(-50).join('\n'));
});
