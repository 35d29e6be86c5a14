// npm run soak -- --minutes N --seed S: does everything hold while anything happens?
import { parseArgs } from 'node:util';
import { formatResults } from '../tiers/results.ts';
import { runSoak } from '../tiers/soak.ts';
import { TestStack } from '../tiers/stack.ts';

const usage = 'usage: npm run soak -- [--minutes N] [--seed S]';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error(usage);
  process.exit(2);
}
await using stack = new TestStack();
const results = await runSoak(await stack.product(), { minutes, seed });
console.log(
  `${formatResults(results)}; again: npm run soak -- --minutes ${minutes} --seed ${seed}`,
);
process.exitCode = results.failures.length === 0 ? 0 : 1;
