// What do the parts of the agent API work with?
import type { Logger } from 'pino';
import type { FailingStorage } from './failing-storage.ts';
import type { KernelFeatures } from './kernel-features.ts';
import type { Locks } from './locks.ts';
import type { AgentMetrics } from './metrics.ts';
import type { MountPodRetirement } from './mount-pod-retirement.ts';
import type { Owners } from './owners.ts';
import type { Probe } from './probe.ts';
import type { Recovery } from './recovery.ts';
import type { ServedSources } from './served-sources.ts';
import type { SilentClients } from './silent-clients.ts';
import type { SourceReports } from './source-reports.ts';

/** One of each for an agent. */
export interface AgentDependencies {
  features: KernelFeatures;
  locks: Locks;
  owners: Owners;
  probe: Probe;
  retirement: MountPodRetirement;
  served: ServedSources;
  reports: SourceReports;
  recovery: Recovery;
  storage: FailingStorage;
  silent: SilentClients;
  metrics: AgentMetrics;
  log: Logger;
}
