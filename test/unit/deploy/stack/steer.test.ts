// What does the stack say to somebody who asks for what it cannot stop, start or reboot?
import { expect, it } from 'vitest';
import { UsageError } from '../../../../deploy/stack/node-count.ts';
import { StackControl } from '../../../../deploy/stack/steer.ts';

const control = new StackControl(() => {
  throw new Error('nothing is to be steered');
});

it.each([
  [
    'a component that there is not',
    () => control.stop('kubelet'),
    /^There is no component "kubelet"; there are etcd, .*kubelet-node1, .*kubelet-node2/,
  ],
  ['no component at all', () => control.start(''), /^There is no component ""; there are etcd, /],
  [
    'a component without data to start without it',
    () => control.start('kube-scheduler', true),
    /^kube-scheduler keeps nothing that it could start without; of etcd, temporal it can be asked$/,
  ],
  [
    'a reboot of the first node',
    () => control.reboot('node1'),
    /^"node1" cannot be rebooted, only node2: the whole stack ends with node1$/,
  ],
  ['a reboot of a node that there is not', () => control.reboot('node3'), /^"node3" cannot be/],
])('%s is refused', async (_, action, message) => {
  const refusal = action();
  await expect(refusal).rejects.toThrow(UsageError);
  await expect(refusal).rejects.toThrow(message);
});
