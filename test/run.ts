// What does `npm test` run? All tiers, one closing line: "N passed, N failed".
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDebianPackages } from '../deploy/stack/debian-packages.ts';
import { browserPackages } from '../deploy/stack/versions.ts';
import { CI_SOAK } from './soak/plan.ts';
import { runChecks } from './tiers/checks.ts';
import { withInvariants } from './tiers/invariants.ts';
import { runSoak } from './tiers/soak.ts';
import { runVitest, type Counts, type VitestRun } from './tiers/vitest.ts';
import { TestStack } from './tiers/stack.ts';

const TIERS = ['check', 'unit', 'workflow', 'node', 'cluster', 'soak'] as const;
type Tier = (typeof TIERS)[number];

const usage = `usage: npm test [-- TIER… [--repeat N] [--file NAME]]
  TIER       ${TIERS.join(' | ')}; all of them when none is given
  --repeat   runs the tiers N times
  --file     only test files whose path contains NAME`;

function parseArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { repeat: { type: 'string', default: '1' }, file: { type: 'string' } },
  });
  const unknown = positionals.find((tier) => !TIERS.includes(tier as Tier));
  const repeat = Number(values.repeat);
  if (unknown !== undefined || !Number.isInteger(repeat) || repeat < 1) {
    console.error(unknown === undefined ? usage : `There is no tier "${unknown}".\n${usage}`);
    process.exit(2);
  }
  const tiers = positionals.length > 0 ? (positionals as Tier[]) : TIERS;
  return { tiers, repeat, file: values.file };
}

async function runTier(tier: Tier, file: string | undefined, stack: TestStack): Promise<Counts> {
  switch (tier) {
    case 'check':
      return await runChecks();
    case 'unit':
      await ensureDebianPackages(console.log, browserPackages);
      return await runVitest({ tier, file });
    case 'workflow':
      return await runTogetherThenAlone({ tier, file, ...(await stack.programs()) });
    case 'node':
      return await runVitest({ tier, file, ...(await stack.programs()) });
    case 'cluster':
      return await withInvariants(await stack.product(), file === undefined, (place) =>
        runTogetherThenAlone({ tier, file, ...place }),
      );
    case 'soak':
      return await runSoak(await stack.product(), CI_SOAK);
  }
}

/** What disturbs the others, or measures them, lies in a folder `alone` and runs after them, one file after another. */
async function runTogetherThenAlone(tierRun: VitestRun): Promise<Counts> {
  const { tier, file } = tierRun;
  const together = () => runVitest({ ...tierRun, except: 'alone' });
  const alone = () => runVitest({ ...tierRun, tier: `${tier}/alone`, inTurn: true });
  if (file !== undefined) return await (isAlone(tier, file) ? alone() : together());
  const [first, second] = [await together(), await alone()];
  return { passed: first.passed + second.passed, failed: first.failed + second.failed };
}

function isAlone(tier: string, file: string): boolean {
  const names = readdirSync(path.join(import.meta.dirname, tier, 'alone'));
  return names.some((name) => `${tier}/alone/${name}`.includes(file));
}

/** Never throws: a tier that cannot run counts as one failure. */
async function measureTier(...tierRun: Parameters<typeof runTier>): Promise<Counts> {
  const startMs = performance.now();
  const counts = await runTier(...tierRun).catch((error: unknown) => {
    console.error(error);
    return { passed: 0, failed: 1 };
  });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.log(`== ${tierRun[0]}: ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`);
  return counts;
}

async function runAll(): Promise<Counts> {
  const { tiers, repeat, file } = parseArguments();
  const total: Counts = { passed: 0, failed: 0 };
  await using stack = new TestStack();
  for (let round = 1; round <= repeat; round += 1) {
    for (const tier of tiers) {
      console.log(`\n== ${tier}${repeat > 1 ? ` (${round} of ${repeat})` : ''}`);
      const counts = await measureTier(tier, file, stack);
      total.passed += counts.passed;
      total.failed += counts.failed;
    }
  }
  return total;
}

const total = await runAll();
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
