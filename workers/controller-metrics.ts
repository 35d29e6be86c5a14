// What does the controller measure?
import { join } from 'node:path';
import type { Logger } from 'pino';
import { observeAgents } from '../activities/observed-agents.ts';
import type { NodeAgents } from '../activities/node-agents.ts';
import { SYSTEM_NAMESPACE } from '../api/names.ts';
import { readExpiry } from '../metrics/certificate.ts';
import { addProcessMetrics } from '../metrics/process.ts';
import { MetricRegistry } from '../metrics/registry.ts';
import type { Bridge } from '../watch/bridge.ts';
import type { ClusterView } from '../watch/cluster-view.ts';
import type { WatchKind, WatchObserver } from '../watch/watch-observer.ts';
import { countClaims, countNodesWithoutAgent } from './claim-metrics.ts';
import { findLongestDeletion, findLongestNotReady, noteExcused } from './claim-metrics.ts';

/** What a controller needs before it is ready. */
export const NEEDS = ['Temporal', 'caches'] as const;
export type Need = (typeof NEEDS)[number];

/** The controller's metrics, and who tells them what. */
export interface ControllerMetrics {
  registry: MetricRegistry;
  watches: WatchObserver;
  /** Takes in a signal that Temporal took, and how long after the change. */
  noteSignalled(seconds: number): void;
  /** The same agents, whose calls are measured. */
  observe(agents: NodeAgents): NodeAgents;
  /** From now on the metrics tell what these know as well. */
  follow(parts: {
    view: Pick<ClusterView, 'claims' | 'pods' | 'podsIn'>;
    bridge: Pick<Bridge, 'backlog'>;
  }): void;
}

export interface ControllerMetricsOptions {
  /** Directory of the controller's certificate, with `tls.crt`. */
  tlsDir: string;
  /** Directory of the authority's, with `tls.crt`. */
  authorityDir: string;
  /** What the controller still waits for. */
  waitingFor: ReadonlySet<Need>;
  log: Logger;
}

export function createControllerMetrics(options: ControllerMetricsOptions): ControllerMetrics {
  const registry = new MetricRegistry(options.log);
  addProcessMetrics(registry);
  addWaitMetrics(registry, options.waitingFor);
  // Once, as it is loaded: a controller starts anew when the file is another one. The authority's is read for each agent.
  const own = readExpiry('controller', join(options.tlsDir, 'tls.crt'));
  registry.read('dynvol_certificate_expiry_timestamp_seconds', () => [
    ...own,
    ...readExpiry('authority', join(options.authorityDir, 'tls.crt')),
  ]);
  const noteSignalled = registry.histogram('dynvol_claim_signal_duration_seconds');
  const noteCall = registry.histogram('dynvol_agent_rpc_client_duration_seconds');
  return {
    registry,
    watches: addWatchMetrics(registry),
    noteSignalled: (seconds) => noteSignalled({}, seconds),
    observe: (agents) =>
      observeAgents(agents, (method, code, seconds) => noteCall({ method, code }, seconds)),
    follow({ view, bridge }) {
      addClaimMetrics(registry, view);
      addBacklogMetrics(registry, bridge);
    },
  };
}

function addWaitMetrics(registry: MetricRegistry, waitingFor: ReadonlySet<Need>): void {
  const sinceMs = performance.now();
  registry.read('dynvol_controller_waiting_seconds', () => {
    const seconds = (performance.now() - sinceMs) / 1_000;
    return NEEDS.map((need) => ({
      labels: { for: need },
      value: waitingFor.has(need) ? seconds : 0,
    }));
  });
}

function addWatchMetrics(registry: MetricRegistry): WatchObserver {
  const countFailure = registry.counter('dynvol_watch_failures_total');
  const heard = new Map<WatchKind, number>();
  const listed = new Map<WatchKind, number>();
  const readTimes = (times: Map<WatchKind, number>) => () =>
    [...times].map(([kind, ms]) => ({ labels: { kind }, value: ms / 1_000 }));
  registry.read('dynvol_watch_last_event_timestamp_seconds', readTimes(heard));
  registry.read('dynvol_watch_last_sync_timestamp_seconds', readTimes(listed));
  return {
    heard: (kind) => void heard.set(kind, Date.now()),
    listed(kind) {
      // A list is news as well; and what has never failed shall be seen to fail for the first time.
      heard.set(kind, Date.now());
      listed.set(kind, Date.now());
      countFailure({ kind }, 0);
    },
    failed: (kind) => countFailure({ kind }),
  };
}

function addClaimMetrics(
  registry: MetricRegistry,
  view: Pick<ClusterView, 'claims' | 'pods' | 'podsIn'>,
): void {
  registry.read('dynvol_claims', () => countClaims(view.claims()));
  let excused: ReadonlyMap<string, number> = new Map();
  registry.read('dynvol_claim_not_ready_max_age_seconds', () => {
    const [claims, nowMs] = [view.claims(), Date.now()];
    excused = noteExcused(claims, nowMs, excused);
    return findLongestNotReady(claims, nowMs, excused);
  });
  registry.read('dynvol_claim_deletion_max_age_seconds', () => [
    { labels: {}, value: findLongestDeletion(view.claims(), Date.now()) },
  ]);
  registry.read('dynvol_nodes_without_agent', () => [
    { labels: {}, value: countNodesWithoutAgent(view.pods(), view.podsIn(SYSTEM_NAMESPACE)) },
  ]);
}

function addBacklogMetrics(registry: MetricRegistry, bridge: Pick<Bridge, 'backlog'>): void {
  registry.read('dynvol_claims_waiting_for_signal', () => [
    { labels: {}, value: bridge.backlog().claims },
  ]);
  registry.read('dynvol_claim_signal_max_age_seconds', () => [
    { labels: {}, value: bridge.backlog().oldestMs / 1_000 },
  ]);
}
