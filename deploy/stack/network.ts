// Which links, addresses and routes does the stack's network namespace have?
import { writeFileSync } from 'node:fs';
import { addresses } from './addresses.ts';
import { run } from './shell.ts';

const nodeAddresses = [addresses.node, addresses.s3Tls, addresses.s3Plain, addresses.dns];

/** Makes the node's network in the caller's network namespace, which must be new. */
export async function startNetwork(): Promise<void> {
  const commands = [
    'link set lo up',
    'link add nodebr type bridge',
    ...nodeAddresses.map((address) => `addr add ${address}/24 dev nodebr`),
    'link set nodebr up',
    // Service addresses need a route to be looked at by kube-proxy's rules at all.
    `route add default via ${addresses.nowhere} dev nodebr src ${addresses.node}`,
  ];
  await run(['ip', '-batch', '-'], { input: `${commands.join('\n')}\n` });
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
}
