// What does `npm test` run? All tiers, one closing line: "N passed, N failed".
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureDebianPackages } from '../deploy/stack/debian-packages.ts';
import { browserPackages } from '../deploy/stack/versions.ts';
import { readersPackages } from './packages.ts';
import { CI_SOAK } from './soak/plan.ts';
import { ensureCertManager } from './tiers/cert-manager.ts';
import { runChecks } from './tiers/checks.ts';
import { removeDemo, runDemo } from './tiers/demo.ts';
import { withInvariants } from './tiers/invariants.ts';
import { runSoak } from './tiers/soak.ts';
import { TIERS, planRound, type Tier } from './tiers/plan.ts';
import { TestStack } from './tiers/stack.ts';
import { addCounts, runVitest, type Counts, type VitestRun } from './tiers/vitest.ts';

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

interface Round {
  file: string | undefined;
  stack: TestStack;
  /** Called when the cluster tier begins to wait for one outage after another, and leaves the machine idle. */
  onIdle?: () => unknown;
  /** Leaves the processor to whoever else wants it. */
  isBeside?: boolean;
}

async function runTier(tier: Tier, round: Round): Promise<Counts> {
  const { file, stack, onIdle, isBeside } = round;
  const enter = isBeside ? (argv: readonly string[]) => ['nice', '-n', '5', ...argv] : undefined;
  switch (tier) {
    case 'check':
      return await runChecks();
    case 'unit':
      await ensureDebianPackages(console.log, browserPackages);
      return await runVitest({ tier, file });
    case 'workflow':
      return await runTogetherThenAlone({ tier, file, enter, ...(await stack.programs()) });
    case 'node':
      return await runVitest({ tier, file, enter, ...(await stack.programs()) });
    case 'demo':
      await stack.product();
      return await runDemo();
    case 'cluster':
      return await withInvariants(await prepareCluster(stack), file === undefined, (place) =>
        runTogetherThenAlone({ tier, file, ...place }, onIdle),
      );
    case 'soak':
      return await runSoak(await stack.product(), CI_SOAK);
  }
}

/** The product on the stack, and what pages of the documentation expect their reader to have. */
async function prepareCluster(stack: TestStack) {
  await ensureDebianPackages(console.log, readersPackages);
  const certManager = await ensureCertManager(console.log);
  const { environment, ...place } = await stack.product();
  await removeDemo();
  return { ...place, environment: { ...environment, ...certManager } };
}

/** What disturbs the others, or measures them, lies in a folder `alone` and runs after them, one file after another. */
async function runTogetherThenAlone(tierRun: VitestRun, onAlone?: () => unknown): Promise<Counts> {
  const { tier, file } = tierRun;
  const together = () => runVitest({ ...tierRun, except: 'alone' });
  const alone = () => runVitest({ ...tierRun, tier: `${tier}/alone`, inTurn: true });
  if (file !== undefined) return await (isAlone(tier, file) ? alone() : together());
  const first = await together();
  onAlone?.();
  return addCounts(first, await alone());
}

function isAlone(tier: string, file: string): boolean {
  const names = readdirSync(path.join(import.meta.dirname, tier, 'alone'));
  return names.some((name) => `${tier}/alone/${name}`.includes(file));
}

/** Never throws: a tier that cannot run counts as one failure. */
async function measureTier(tier: Tier, round: Round): Promise<Counts> {
  console.log(`\n== ${tier}`);
  const startMs = performance.now();
  const counts = await runTier(tier, round).catch((error: unknown) => {
    console.error(error);
    return { passed: 0, failed: 1 };
  });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.log(`== ${tier}: ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`);
  return counts;
}

async function runInTurn(tiers: readonly Tier[], round: Round): Promise<Counts> {
  let total: Counts = { passed: 0, failed: 0 };
  for (const tier of tiers) total = addCounts(total, await measureTier(tier, round));
  return total;
}

async function runRound(tiers: readonly Tier[], round: Round): Promise<Counts> {
  const { before, beside, after } = planRound(tiers, round.file);
  let besides: Promise<Counts> | undefined;
  const runBeside = () => (besides ??= runInTurn(beside, { ...round, isBeside: true }));
  const first = await runInTurn(before, { ...round, onIdle: runBeside });
  // A cluster tier that could not run has not begun them.
  const second = await runBeside();
  return addCounts(addCounts(first, second), await runInTurn(after, round));
}

async function runAll(): Promise<Counts> {
  const { tiers, repeat, file } = parseArguments();
  let total: Counts = { passed: 0, failed: 0 };
  await using stack = new TestStack();
  for (let round = 1; round <= repeat; round += 1) {
    if (repeat > 1) console.log(`\n== round ${round} of ${repeat}`);
    total = addCounts(total, await runRound(tiers, { file, stack }));
  }
  return total;
}

const total = await runAll();
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
