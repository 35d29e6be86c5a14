// Which figures does the bench print? (runs inside the stack)
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createBucket } from '../cluster/s3.ts';
import { Scenario } from '../cluster/scenario.ts';
import { measureAgentRestarts } from './agent-restart.ts';
import { measureClaims } from './claims.ts';
import { measureColdStart } from './cold-start.ts';
import { countApiWrites, countHistoryEvents } from './costs.ts';
import { measureApiToWatch } from './floor-api.ts';
import { measureRcloneMount } from './floor-rclone.ts';
import { measureClientStart, measurePodStart } from './floor-start.ts';
import { measureManyWorkflows, measureThreeActivities } from './floor-temporal.ts';
import { measureRecoveries, measureRemounts, measureThrottledRecoveries } from './fresh-source.ts';
import { measureManyClaims } from './many-claims.ts';
import { measureMemory } from './memory.ts';
import { formatRange, printFigure, printMemory, printRow, printSummary } from './report.ts';
import { summarize } from './samples.ts';

const { values } = parseArgs({
  options: {
    claims: { type: 'string', default: '50' },
    many: { type: 'string', default: '1000' },
  },
});
const count = Number(values.claims);
const many = Number(values.many);
const few = Math.min(count, 10);
/** Each takes long: an agent, and a client with a hundredth of a processor. */
const restartCount = 3;

const scenario = await Scenario.create('bench');
try {
  const otherBucket = `${scenario.bucket}-w`;
  await createBucket(otherBucket);
  await scenario.putBucketText(otherBucket, 'hello.txt', 'hello\n');
  const pod = await scenario.runningPod();
  // Keeps the mount pod running, and its bucket mounted.
  const keeper = await scenario.readyClaim({ name: 'keeper' });

  const floors = {
    'API create -> watch event': summarize(await measureApiToWatch(scenario, 20)),
    'signalWithStart + 3 activities': summarize(await measureThreeActivities(count)),
    'rclone mount -> file read': summarize(await measureRcloneMount(otherBucket, count)),
  };
  const startFloors = {
    'bare pod start': summarize(await measurePodStart(scenario, few)),
    'bare rclone start': summarize(await measureClientStart(few)),
  };
  await measureClaims(scenario, pod, 'warm-up', otherBucket, 3);
  const warm = await measureClaims(scenario, pod, 'warm', otherBucket, count);
  const shared = await measureClaims(scenario, pod, 'shared', scenario.bucket, count);
  const cold = await measureColdStart(scenario, few);
  const remounts = await measureRemounts(pod, keeper, few);
  const memory = await measureMemory();
  const recoveries = await measureRecoveries(pod, keeper, few);
  const throttled = await measureThrottledRecoveries(scenario, restartCount);
  const restarts = await measureAgentRestarts(pod, restartCount);

  const sum = (of: object) =>
    Object.values(of as typeof floors).reduce((total, floor) => total + floor.p50Ms, 0);
  const [floorMs, startMs] = [sum(floors), sum(startFloors)];

  console.log(
    `\n${count} claims each, one at a time (cold start, remount and recovery: ${few}), ${cpus().length} cores, everything on one machine\n`,
  );
  printRow('', 'p50 ms', 'p95 ms', 'p50 / floor');
  for (const [title, floor] of Object.entries(floors)) printSummary(`floor: ${title}`, floor);
  printRow('sum of these floors', floorMs.toFixed(1), '', '1.00');
  printSummary('claim -> readable, mount pod warm', summarize(warm.durationsMs), floorMs);
  printSummary('claim -> readable, source mounted', summarize(shared.durationsMs), floorMs);
  printSummary('remount under a reader', summarize(remounts.durationsMs), floorMs);
  for (const [title, floor] of Object.entries(startFloors)) printSummary(`floor: ${title}`, floor);
  printRow('sum of these floors', startMs.toFixed(1), '', '1.00');
  printSummary('claim -> readable, no mount pod yet', summarize(cold), startMs);

  const clientMs =
    startFloors['bare rclone start'].p50Ms + floors['rclone mount -> file read'].p50Ms;
  printRow('floors: bare rclone start + mount', clientMs.toFixed(1), '', '1.00');
  printSummary('client killed -> readable', summarize(recoveries.durationsMs), clientMs);
  printSummary('the same with 10m of CPU', summarize(throttled.durationsMs), clientMs);
  console.log(
    `\nDuring remounts the reader read ${remounts.reads} times, ${remounts.errors} reads failed (goal 0)`,
    `\nDuring ${restartCount} restarts of the agent it read ${restarts.reads} times, ${restarts.errors} reads failed, ${restarts.remounts} mounts were another one (goals 0)`,
  );

  console.log('\nResident memory');
  printMemory(memory);

  const last = warm.claims.slice(-5);
  const writes = await Promise.all(last.map(countApiWrites));
  const events = await Promise.all(last.map(countHistoryEvents));
  console.log(
    `\nA claim's life: ${formatRange(writes)} API writes (goal 6), ${formatRange(events)} history events (goal 28)`,
  );

  if (many > 0) {
    console.log(`\n${many} claims at once, on a node that exists only as objects`);
    const workflowsMs = await measureManyWorkflows(many);
    const all = await measureManyClaims(scenario, many);
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    const floor = workflowsMs + all.createdMs;
    printFigure('floor: as many bare workflows', seconds(workflowsMs));
    printFigure('floor: creating the objects', seconds(all.createdMs));
    printFigure('all Ready', seconds(all.readyMs), (all.readyMs / floor).toFixed(2));
    printFigure('all gone', seconds(all.goneMs));
    printFigure('lost', String(all.lost));
  }
} finally {
  await scenario.destroy();
}
