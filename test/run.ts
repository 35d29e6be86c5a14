// What does `npm test` run? All tiers, one closing line: "N passed, N failed".
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureHelm } from '../deploy/install/rendered-manifest.ts';
import { ensureDebianPackages } from '../deploy/stack/debian-packages.ts';
import { browserPackages } from '../deploy/stack/versions.ts';
import { readersPackages } from './packages.ts';
import { CI_SOAK } from './soak/plan.ts';
import { ensureCertManager } from './tiers/cert-manager.ts';
import { runChecks } from './tiers/checks.ts';
import { removeDemo, runDemo } from './tiers/demo.ts';
import { withInvariants } from './tiers/invariants.ts';
import { addResults, formatResults, type Results } from './tiers/results.ts';
import { runSoak } from './tiers/soak.ts';
import { TIERS, planRound, type Tier } from './tiers/plan.ts';
import { TestStack } from './tiers/stack.ts';
import { runVitest, type VitestRun } from './tiers/vitest.ts';

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

async function runTier(tier: Tier, round: Round): Promise<Results> {
  const { file, stack, onIdle, isBeside } = round;
  const enter = isBeside ? (argv: readonly string[]) => ['nice', '-n', '5', ...argv] : undefined;
  switch (tier) {
    case 'check':
      return await runChecks();
    case 'unit':
      await ensureDebianPackages(console.log, browserPackages);
      await ensureHelm();
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
async function runTogetherThenAlone(tierRun: VitestRun, onAlone?: () => unknown): Promise<Results> {
  const { tier, file } = tierRun;
  const together = () => runVitest({ ...tierRun, except: 'alone' });
  const alone = () => runVitest({ ...tierRun, tier: `${tier}/alone`, inTurn: true });
  if (file !== undefined) return await (isAlone(tier, file) ? alone() : together());
  const first = await together();
  onAlone?.();
  return addResults(first, await alone());
}

function isAlone(tier: string, file: string): boolean {
  const names = readdirSync(path.join(import.meta.dirname, tier, 'alone'));
  return names.some((name) => `${tier}/alone/${name}`.includes(file));
}

/** Never throws: a tier that cannot run is one failure. */
async function measureTier(tier: Tier, round: Round): Promise<Results> {
  console.log(`\n== ${tier}`);
  const startMs = performance.now();
  const { passed, failures } = await runTier(tier, round).catch((error: unknown) => {
    console.error(error);
    return { passed: 0, failures: [String(error)] };
  });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  console.log(`== ${tier}: ${passed} passed, ${failures.length} failed in ${seconds} s`);
  return { passed, failures: failures.map((failure) => `${tier}: ${failure}`) };
}

async function runInTurn(tiers: readonly Tier[], round: Round): Promise<Results> {
  let total: Results = { passed: 0, failures: [] };
  for (const tier of tiers) total = addResults(total, await measureTier(tier, round));
  return total;
}

async function runRound(tiers: readonly Tier[], round: Round): Promise<Results> {
  const { before, beside, after } = planRound(tiers, round.file);
  let besides: Promise<Results> | undefined;
  const runBeside = () => (besides ??= runInTurn(beside, { ...round, isBeside: true }));
  const first = await runInTurn(before, { ...round, onIdle: runBeside });
  // A cluster tier that could not run has not begun them.
  const second = await runBeside();
  return addResults(addResults(first, second), await runInTurn(after, round));
}

async function runAll(): Promise<Results> {
  const { tiers, repeat, file } = parseArguments();
  let total: Results = { passed: 0, failures: [] };
  await using stack = new TestStack();
  for (let round = 1; round <= repeat; round += 1) {
    if (repeat > 1) console.log(`\n== round ${round} of ${repeat}`);
    total = addResults(total, await runRound(tiers, { file, stack }));
  }
  return total;
}

const total = await runAll();
console.log(formatResults(total));
process.exitCode = total.failures.length === 0 && total.passed > 0 ? 0 : 1;
