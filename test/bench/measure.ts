// Which figures does the bench print? (runs inside the stack)
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createBucket } from '../cluster/s3.ts';
import { Scenario } from '../cluster/scenario.ts';
import { measureClaims } from './claims.ts';
import { countApiWrites, countHistoryEvents } from './costs.ts';
import { measureApiToWatch } from './floor-api.ts';
import { measureRcloneMount } from './floor-rclone.ts';
import { measureThreeActivities } from './floor-temporal.ts';
import { summarize, type Summary } from './samples.ts';

const { values } = parseArgs({ options: { claims: { type: 'string', default: '50' } } });
const count = Number(values.claims);

const scenario = await Scenario.create('bench');
try {
  const otherBucket = `${scenario.bucket}-w`;
  await createBucket(otherBucket);
  await scenario.putBucketText(otherBucket, 'hello.txt', 'hello\n');
  const pod = await scenario.runningPod();
  // Keeps the mount pod running, and its bucket mounted.
  await scenario.readyClaim({ name: 'keeper' });

  const floors = {
    'API create -> watch event': summarize(await measureApiToWatch(scenario, 20)),
    'signalWithStart + 3 activities': summarize(await measureThreeActivities(count)),
    'rclone mount -> file read': summarize(await measureRcloneMount(otherBucket, count)),
  };
  await measureClaims(scenario, pod, 'warm-up', otherBucket, 3);
  const warm = await measureClaims(scenario, pod, 'warm', otherBucket, count);
  const shared = await measureClaims(scenario, pod, 'shared', scenario.bucket, count);
  const floorMs = Object.values(floors).reduce((sum, floor) => sum + floor.p50Ms, 0);

  console.log(
    `\n${count} claims each, one at a time, ${cpus().length} cores, everything on one machine\n`,
  );
  printRow('', 'p50 ms', 'p95 ms', 'p50 / sum of floors');
  for (const [title, floor] of Object.entries(floors)) printSummary(`floor: ${title}`, floor);
  printRow('sum of the floors', floorMs.toFixed(1), '', '1.00');
  printSummary('claim -> readable, mount pod warm', summarize(warm.durationsMs), floorMs);
  printSummary('claim -> readable, source mounted', summarize(shared.durationsMs), floorMs);

  const last = warm.claims.slice(-5);
  const writes = await Promise.all(last.map(countApiWrites));
  const events = await Promise.all(last.map(countHistoryEvents));
  console.log(
    `\nA claim's life: ${range(writes)} API writes (goal 6), ${range(events)} history events (goal 28)`,
  );
} finally {
  await scenario.destroy();
}

function printSummary(title: string, summary: Summary, floorMs?: number): void {
  const ratio = floorMs === undefined ? '' : (summary.p50Ms / floorMs).toFixed(2);
  printRow(title, summary.p50Ms.toFixed(1), summary.p95Ms.toFixed(1), ratio);
}

function printRow(title: string, p50: string, p95: string, ratio: string): void {
  console.log(`${title.padEnd(46)} ${p50.padStart(8)} ${p95.padStart(8)} ${ratio.padStart(20)}`);
}

function range(counts: number[]): string {
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  return low === high ? `${low}` : `${low} to ${high}`;
}
