// Which claims learn that their storage does not serve, or serves again?
import type { Logger } from 'pino';
import type { DynamicVolumeClaim } from '../api/dynamic-volume-claim.ts';
import type { SourceReport } from '../api/node-agent.ts';
import { buildClaimFields } from '../logging/fields.ts';
import { buildBackoffMs, sleep } from '../watch/backoff.ts';
import type { ActivityOptions } from './dependencies.ts';
import { buildEvent, recordEvents, refersToClaim } from './events.ts';
import type { EventCounts } from './events.ts';
import { isServedEverywhere, listOwners } from './mount-owner.ts';

/** Changes within this time make one look at which agents there are. */
const SETTLE_MS = 100;
const BACKOFF = { firstMs: 200, capMs: 15_000 };
/** A call that lasted so long had worked: its end is no repeated failure. */
const LASTING_MS = 10_000;

export interface AgentReportsOptions extends Pick<
  ActivityOptions,
  'view' | 'kubernetes' | 'agents' | 'look'
> {
  log: Logger;
}

export interface AgentReports {
  /** Anything has changed in caches that are complete. */
  wake(): void;
  /** Hears nothing more; resolves when nothing is under way. */
  stop(): Promise<void>;
}

/** The call to one agent. */
interface AgentWatch {
  address: string;
  end: AbortController;
  ended: Promise<void>;
}

type Parts = AgentReportsOptions & { eventCounts: EventCounts };

/**
 * Keeps one `Watch` call to each ready agent. A source that is dead or hung, or whose storage fails, makes the claims
 * that it is shown for look again: their attach tells the reason, or repairs what the agent could not. When it serves
 * again, those that do not say so look again; one that was mounted anew is told by an Event on all of them.
 */
export function createAgentReports(options: AgentReportsOptions): AgentReports {
  const parts: Parts = { ...options, eventCounts: new Map() };
  const watches = new Map<string, AgentWatch>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  function follow(): void {
    timer = undefined;
    const addresses = listAgents(options.view);
    for (const [node, watch] of watches) {
      if (addresses.get(node) === watch.address) continue;
      watch.end.abort();
      watches.delete(node);
    }
    for (const [node, address] of addresses) {
      if (!watches.has(node)) watches.set(node, startWatch(parts, node, address));
    }
  }

  return {
    wake() {
      if (!stopped) timer ??= setTimeout(follow, SETTLE_MS);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      for (const { end } of watches.values()) end.abort();
      await Promise.all([...watches.values()].map(({ ended }) => ended));
    },
  };
}

function listAgents(view: AgentReportsOptions['view']): Map<string, string> {
  return new Map(
    view.agentNodes().flatMap((node): [string, string][] => {
      const address = view.agentAddress(node);
      return address === undefined ? [] : [[node, address]];
    }),
  );
}

function startWatch(parts: Parts, node: string, address: string): AgentWatch {
  const end = new AbortController();
  return { address, end, ended: hearAgent(parts, node, end.signal) };
}

/** Hears one agent until the signal aborts, over as many calls as it takes. Never rejects. */
async function hearAgent(parts: Parts, node: string, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    const startedMs = performance.now();
    const why = await hearOnce(parts, node, signal);
    failures = performance.now() - startedMs >= LASTING_MS ? 1 : failures + 1;
    // Told once: of an agent that stays away the claims tell.
    if (failures === 1 && !signal.aborted) parts.log.warn({ node, ...why }, 'Reports broke off');
    await sleep(buildBackoffMs(BACKOFF, failures, Math.random()), signal);
  }
}

/** Answers the error that ended the call, if one did. */
async function hearOnce(
  parts: Parts,
  node: string,
  signal: AbortSignal,
): Promise<{ err?: unknown }> {
  try {
    for await (const report of parts.agents.watch(node, { signal }))
      await takeIn(parts, node, report);
    return {};
  } catch (error) {
    return { err: error };
  }
}

async function takeIn(parts: Parts, node: string, report: SourceReport): Promise<void> {
  const claims = findClaims(parts, report);
  const { sourceKey, state, code, message } = report;
  const fields = { node, sourceKey, state, code, reason: message };
  // Found by the name of each claim that is concerned.
  for (const about of claims.length === 0
    ? [{}]
    : claims.map((one) => buildClaimFields(one.metadata)))
    parts.log.warn({ ...about, ...fields }, 'A source changed its state');
  const isWell = state === 'recovered' || state === 'healthy';
  // A claim that is thought to serve everywhere has nothing to look for then.
  for (const claim of claims)
    if (!isWell || !isServedEverywhere(claim)) parts.look(claim, { recheck: true });
  if (state === 'recovered') await tellRecovery(parts, claims, report);
}

function findClaims({ view }: Parts, { targets }: SourceReport): DynamicVolumeClaim[] {
  return [...new Set(targets.flatMap((target) => listOwners(view, target)))];
}

async function tellRecovery(
  parts: Parts,
  claims: DynamicVolumeClaim[],
  { message }: SourceReport,
): Promise<void> {
  const event = { type: 'Warning' as const, reason: 'MountRecovered', message };
  const now = new Date();
  const events = claims.map(({ metadata }) => buildEvent(refersToClaim(metadata), event, now));
  const warn = (text: string, fields: object) => parts.log.warn(fields, text);
  await recordEvents(parts, events, warn, 'all');
}
