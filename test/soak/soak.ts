// Does everything hold while anything happens? (inside the stack; the invariant checker runs beside it)
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findCondition } from '../cluster/claim.ts';
import { expectNothingLeft } from '../cluster/nothing-left.ts';
import { find } from '../cluster/kube.ts';
import { waitUntil } from '../wait-until.ts';
import { Field } from './field.ts';
import { buildPlan, CALM_MS, listExpectedReasons } from './plan.ts';
import type { Round } from './steps.ts';

/** A mount that hangs is given up after a minute. */
const CONVERGED_MS = 150_000;

const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' } },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];

/** Does the steps of a round in their time. */
async function churn(field: Field, { steps }: Round): Promise<void> {
  const startMs = performance.now();
  for (const { atMs, step } of steps) {
    await delay(Math.max(0, startMs + atMs - performance.now()));
    const { kind, ...what } = step;
    console.log(`${new Date().toISOString()} ${kind} ${JSON.stringify(what)}`);
    await field.take(step);
  }
}

/** Waits until every claim says what it should, and on until the checker could have judged. */
async function calm(field: Field, { expected }: Round): Promise<void> {
  const startMs = performance.now();
  await field.settle();
  for (const [name, claim] of field.claims) {
    const reasons = listExpectedReasons(expected, name);
    let said = '';
    await waitUntil(
      `${name} says ${reasons.join(' or ')}`,
      async () => {
        const object = await find(claim.ref);
        const ready = findCondition(object, 'Ready');
        said = `${String(ready?.['reason'])}: ${String(ready?.['message'])}`;
        const isCurrent = object?.['status']?.observedGeneration === object?.metadata?.generation;
        return isCurrent && reasons.includes(String(ready?.['reason']));
      },
      CONVERGED_MS,
      () => said,
    );
  }
  const leftMs = CALM_MS - (performance.now() - startMs);
  console.log(`${new Date().toISOString()} all is as it should be`);
  await delay(Math.max(0, leftMs));
}

/** What the readers have noticed, in sentences; nothing if all is well. */
async function judgeReaders(field: Field): Promise<string[]> {
  const logs = await field.stopReaders();
  for (const { reads, writes, errors } of logs) {
    console.log(`a reader: ${reads} reads, ${writes} writes, ${errors.length} errors`);
  }
  const vain = logs.filter(({ reads, writes }) => reads === 0 || writes === 0);
  return [
    ...logs.flatMap(({ errors }) => errors),
    ...vain.map(() => 'A reader has read or written nothing'),
  ];
}

async function soak(): Promise<string[]> {
  await using field = await Field.create();
  for (const round of buildPlan(seed, minutes)) {
    await churn(field, round);
    await calm(field, round);
  }
  const problems = await judgeReaders(field);
  await field.clear();
  for (const scenario of field.scenarios) await expectNothingLeft(scenario, 120_000);
  return problems;
}

console.log(`soak of ${minutes} minutes with the seed ${seed}`);
const problems = await soak();
for (const problem of problems) console.error(problem);
console.log(`${problems.length === 0 ? '✓' : '✗'} soak with the seed ${seed}`);
// The gate to the storage may hold connections that nobody will ever close.
process.exit(problems.length === 0 ? 0 : 1);
