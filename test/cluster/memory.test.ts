// Does a mount pod with 50Mi of memory survive large files, three at a time?
import { expect, it } from 'vitest';
import { ROOT_PATH, Scenario } from './scenario.ts';

const bytes = 100 * 1024 * 1024;

it('writes and reads three files of 100 MB in parallel with 50Mi', async () => {
  const scenario = await Scenario.create('memory');
  try {
    const pod = await scenario.runningPod();
    await scenario.readyClaim();
    const [mountPod] = await pod.mountPods();
    expect(mountPod?.spec.containers[0].resources.limits.memory).toBe('50Mi');

    const data = `${ROOT_PATH}/data`;
    await pod.shellOk(
      `pids=""; for i in 1 2 3; do dd if=/dev/zero of=${data}/big$i bs=1M count=100 2>/dev/null & pids="$pids $!"; done; for p in $pids; do wait $p || exit 1; done`,
    );
    const sizes = await pod.shellOk(
      `for i in 1 2 3; do wc -c < ${data}/big$i > /tmp/size$i & done; wait; cat /tmp/size1 /tmp/size2 /tmp/size3`,
    );
    const sums = await pod.shellOk(
      `for i in 1 2 3; do md5sum < ${data}/big$i > /tmp/sum$i & done; wait; sort -u /tmp/sum1 /tmp/sum2 /tmp/sum3`,
    );

    expect(sizes.trim().split('\n').map(Number)).toEqual([bytes, bytes, bytes]);
    // md5 of 100 MiB of zeros
    expect(sums.trim()).toBe('2f282b84e7e608d5852449ed940bfc51  -');
    const [after] = await pod.mountPods();
    expect(after?.metadata?.uid).toBe(mountPod?.metadata?.uid);
    expect(after?.status.containerStatuses[0].restartCount).toBe(0);
  } finally {
    await scenario.destroy();
  }
}, 300_000);
