// How is a claim, why is it so, and what is to be done?
import type { Command } from 'commander';
import { API_VERSION, CLASS_PARAMETERS, CLASS_PLURAL, GROUP } from '../../api/names.ts';
import type { StorageProviderClass } from '../../api/storage-provider-class.ts';
import { buildClaimDetail } from '../../console/model/detail.ts';
import type { ClaimDetail } from '../../console/model/views.ts';
import { find } from '../../watch/kubernetes-requests.ts';
import { createAsk } from '../ask-workflow.ts';
import { readDetails, readFromConsole } from '../claim-detail.ts';
import { parseClaimName, readClaim } from '../claims.ts';
import type { ClaimObject } from '../claims.ts';
import type { CliContext } from '../context.ts';
import { explainFailure } from '../failures.ts';
import { buildNextStep } from '../next-step.ts';
import type { NextStepInput } from '../next-step.ts';
import { formatExplanation } from '../output/explanation.ts';
import { chooseFormat, formatObject } from '../output/objects.ts';
import { isTemporalGiven, openTemporal } from '../temporal-access.ts';

/** Whoever looks after no workflow lets a query wait for as long as it may. */
const EXPLAIN_DEADLINE_MS = 5_000;

export function register(program: Command, context: CliContext): void {
  program
    .command('explain')
    .alias('describe')
    .description('how a claim is, why, and the one command to run next')
    .argument('<name>', 'name of the claim')
    .action((name: string) => printExplanation(context, parseClaimName(name)));
}

async function printExplanation(context: CliContext, name: string): Promise<void> {
  const format = chooseFormat(context, ['json', 'yaml']);
  const claim = await readClaim(context, name);
  const { detail, gaps } = await findDetail(context, claim);
  const secret = await findSecret(context, detail.className);
  for (const gap of gaps) context.tell(`${gap}.`);
  const step = buildNextStep({ detail, ...(secret ? { secret } : {}) });
  context.print(
    format === undefined
      ? formatExplanation({ detail, step, style: context.style, now: context.now() })
      : formatObject({ ...detail, ...(step ? { nextStep: step } : {}) }, format),
  );
}

interface FoundDetail {
  detail: ClaimDetail;
  /** What could not be asked, and why; a sentence each, without its full stop. */
  gaps: string[];
}

/**
 * The claim as the API server has it. The console adds what its workflow says, and the mount pods that a user may not
 * see. Without it Temporal is asked, if its address is given, and the mount pods are found with the user's own rights.
 */
async function findDetail(context: CliContext, claim: ClaimObject): Promise<FoundDetail> {
  const own = buildClaimDetail({ claim, pods: [], mountPods: [] });
  try {
    const { explanation, mountPods } = await readFromConsole(context, own);
    const told = explanation === undefined ? {} : { explanation };
    return { detail: { ...own, mountPods, ...told }, gaps: [] };
  } catch (error) {
    context.signal.throwIfAborted();
    const { message } = explainFailure(error, 'The console');
    const asked = await askTemporal(context, claim, message);
    const { details, gaps } = await readDetails(context, [claim]);
    return { detail: { ...(details[0] ?? own), ...asked.told }, gaps: [...asked.gaps, ...gaps] };
  }
}

interface Asked {
  told: Pick<ClaimDetail, 'explanation'>;
  gaps: string[];
}

/** @param why the console does not tell what the workflow says */
async function askTemporal(context: CliContext, claim: ClaimObject, why: string): Promise<Asked> {
  const workflow = claim.status?.workflow;
  if (workflow === undefined || !isTemporalGiven(context)) {
    return { told: {}, gaps: [`The workflow was not asked: ${why.replace(/\.$/, '')}`] };
  }
  context.tell(`${why}; asking Temporal instead.`);
  try {
    const client = await openTemporal(context);
    const ask = createAsk(context, client, claim, EXPLAIN_DEADLINE_MS);
    const handle = client.workflow.getHandle(workflow.id);
    return { told: { explanation: await ask(() => handle.query<string>('explain')) }, gaps: [] };
  } catch (error) {
    context.signal.throwIfAborted();
    return { told: {}, gaps: [explainFailure(error, 'Temporal').message] };
  }
}

/** The Secret of a class, if the user may read the class; nothing depends on it but the words of a command. */
async function findSecret(
  { kubernetes, signal }: CliContext,
  className: string,
): Promise<NextStepInput['secret']> {
  if (className === '') return undefined;
  const path = `/apis/${GROUP}/${API_VERSION}/${CLASS_PLURAL}/${encodeURIComponent(className)}`;
  try {
    const cls = (await find(kubernetes(), path, signal)) as StorageProviderClass | undefined;
    const namespace = cls?.spec.parameters[CLASS_PARAMETERS.secretNamespace];
    const name = cls?.spec.parameters[CLASS_PARAMETERS.secretName];
    return namespace && name ? { namespace, name } : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
