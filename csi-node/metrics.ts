// What does the node agent measure?
import type { Logger } from 'pino';
import type { DetachTarget, TargetResult } from '../api/node-agent.ts';
import { addProcessMetrics } from '../metrics/process.ts';
import { type Count, MetricRegistry, type Observe } from '../metrics/registry.ts';
import type { AttachTimes } from './attach-timer.ts';
import { listMounts } from './list-mounts.ts';
import { observeMounts } from './mountinfo.ts';
import { buildCallObserver } from './observe-calls.ts';
import type { SourceReports } from './source-reports.ts';
import { type ListedMounts, StuckUnmounts } from './stuck-unmounts.ts';

/** The one that there is. */
const provider = 's3';

/** The agent's metrics, and the ways to tell them something. */
export class AgentMetrics {
  readonly #registry: MetricRegistry;
  readonly #countOperation: Count<'dynvol_mount_operations_total'>;
  readonly #observePhase: Observe<'dynvol_mount_duration_seconds'>;
  readonly #stuck = new StuckUnmounts();
  /** Read once for all metrics, when they are asked for. */
  #listed: ListedMounts | undefined;
  readonly csiCalls;
  readonly agentCalls;

  constructor(log: Logger) {
    const registry = new MetricRegistry(log);
    this.#registry = registry;
    addProcessMetrics(registry);
    this.#countOperation = registry.counter('dynvol_mount_operations_total');
    this.#observePhase = registry.histogram('dynvol_mount_duration_seconds');
    const csi = registry.histogram('dynvol_csi_grpc_duration_seconds');
    const agent = registry.histogram('dynvol_agent_rpc_server_duration_seconds');
    this.csiCalls = buildCallObserver((method, code, seconds) => csi({ method, code }, seconds));
    this.agentCalls = buildCallObserver((method, code, seconds) =>
      agent({ method, code }, seconds),
    );
  }

  noteTimes({ start, phases }: AttachTimes): void {
    for (const [phase, seconds] of phases) this.#observePhase({ phase, start }, seconds);
  }

  noteAttached(results: TargetResult[]): void {
    this.#count('attach', results);
    for (const result of results) if (result.code === '') this.#stuck.forget(result);
  }

  /** One result for each target, in their order. */
  noteDetached(targets: DetachTarget[], results: TargetResult[]): void {
    this.#count('detach', results);
    targets.forEach((target, index) => this.#stuck.note(target, results[index]?.code ?? ''));
  }

  /** Forgets what is not mounted any more. */
  keepMounted(listed: ListedMounts): void {
    this.#stuck.keepMounted(listed);
  }

  /** From now on the metrics tell what these know as well. */
  follow(parts: { reports: SourceReports; findExpiryMs: () => number | undefined }): void {
    const { reports, findExpiryMs } = parts;
    const countRecovery = this.#registry.counter('dynvol_recoveries_total');
    countRecovery({ provider }, 0);
    reports.subscribe(({ state }) => state === 'recovered' && countRecovery({ provider }));
    this.#registry.read('dynvol_mounts', () => countMounts(this.#list(), reports));
    this.#registry.read('dynvol_unmount_stuck', () =>
      [...this.#stuck.count(this.#list())].map(([reason, value]) => ({
        labels: { provider, reason },
        value,
      })),
    );
    this.#registry.read('dynvol_certificate_expiry_timestamp_seconds', () => {
      const ms = findExpiryMs();
      return ms === undefined ? [] : [{ labels: { certificate: 'agent' }, value: ms / 1_000 }];
    });
  }

  /** All metrics in the text format, from one read of the mount table. */
  expose(): Promise<string> {
    this.#listed = undefined;
    return this.#registry.expose();
  }

  #list(): ListedMounts {
    return (this.#listed ??= listMounts(observeMounts()));
  }

  #count(op: 'attach' | 'detach', results: TargetResult[]): void {
    for (const { code } of results)
      this.#countOperation({ op, provider, result: code === '' ? 'OK' : code });
  }
}

/** What pods show, by whether it serves. All states are told, so that none vanishes when nothing is in it. */
function countMounts({ mounts }: ListedMounts, reports: SourceReports) {
  const counts = new Map([
    ['serving', 0],
    ['failing', 0],
    ['hung', 0],
    ['dead', 0],
  ]);
  for (const { sourceKey } of mounts) {
    const state = reports.get(sourceKey)?.state ?? 'serving';
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, value]) => ({ labels: { provider, state }, value }));
}
