// How long does an agent take to answer the kubelet while 64 mounts hang? (a program of its own, in the node lab)
import { type Attachment, Lab } from '../node/lab.ts';
import { until } from '../node/processes.ts';
import { printRow } from './report.ts';
import { repeatTimed, summarize, type Summary } from './samples.ts';

const MOUNTS = 64;
const CALLS = 1_000;
/** More than an agent waits before it says that a mount hangs. */
const HUNG_MS = 60_000;

/** So many sources of one mount pod, in one pod. */
async function attachAll(lab: Lab): Promise<Attachment[]> {
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  const pod = lab.makePod();
  await lab.publish(pod);
  const mountPod = await lab.startMountPod();
  const attachments = Array.from({ length: MOUNTS }, (_, n): Attachment => {
    const s3 = { ...lab.storage.bucket('images'), prefix: `folder-${n}` };
    return { pod, mountPod, s3, mountpoint: `m${n}`, claimUid: `claim-${n}` };
  });
  for (const attachment of attachments) {
    const outcome = await lab.attach(attachment);
    if (outcome !== 'ok') throw new Error(outcome);
  }
  return attachments;
}

async function measureProbe(lab: Lab): Promise<Summary> {
  const identity = lab.csi('Identity');
  return summarize(
    await repeatTimed(CALLS, async () => {
      await identity.call('Probe', {});
    }),
  );
}

/** Stops the mount pod's rclone, and waits until the agent says of every source that it hangs. */
async function hang(lab: Lab, attachments: Attachment[]): Promise<void> {
  const [first] = attachments;
  if (first) lab.signalRclone(first.mountPod, 'SIGSTOP');
  const isToldOf = async (attachment: Attachment) =>
    (await lab.attach(attachment)).startsWith('MOUNT_HUNG');
  for (const attachment of attachments)
    await until('the agent says that it hangs', () => isToldOf(attachment), HUNG_MS);
}

function printProbe(title: string, { p50Ms, p99Ms }: Summary, floor?: Summary): void {
  const ratio = floor === undefined ? '' : (p99Ms / floor.p99Ms).toFixed(2);
  printRow(title, p50Ms.toFixed(1), p99Ms.toFixed(1), ratio);
}

await using lab = await Lab.make();
// So long that nobody ends what hangs while it is measured.
await lab.startAgent({ HUNG_MOUNT_TIMEOUT_SECONDS: '600' });
const attachments = await attachAll(lab);
const serving = await measureProbe(lab);
await hang(lab, attachments);
const hung = await measureProbe(lab);

console.log(`\nThe agent's Probe, ${CALLS} calls one after another\n`);
printRow('', 'p50 ms', 'p99 ms', 'p99 / floor');
printProbe(`floor: ${MOUNTS} mounts that serve`, serving);
printProbe(`${MOUNTS} mounts that hang`, hung, serving);
