// Which parts bring mounts back by themselves, and how do they hang together?
import type { Logger } from 'pino';
import type { AgentDependencies } from './agent-dependencies.ts';
import { FailingStorage } from './failing-storage.ts';
import { MountPodWatches } from './mount-pod-watches.ts';
import { Recovery } from './recovery.ts';
import { ServedSources } from './served-sources.ts';
import { SilentClients } from './silent-clients.ts';
import { SourceReports } from './source-reports.ts';
import { Watchdog } from './watchdog.ts';

/** What the other parts of the agent need of it. */
export type SelfHealing = Pick<
  AgentDependencies,
  'served' | 'reports' | 'recovery' | 'storage' | 'silent'
> & {
  /** Ends everything; mounts stay as they are. */
  close(): void;
};

/**
 * Starts it: a mount pod's watch tells of an ended storage client at once, the watchdog finds all else, and the recovery
 * brings back what is dead. What the storage of a live mount does is told besides.
 */
export function startSelfHealing(
  parts: Pick<AgentDependencies, 'features' | 'locks' | 'probe' | 'retirement'> & { log: Logger },
  hungTimeoutMs: number,
): SelfHealing {
  const served = new ServedSources(() => watches.keep(served.mountPodUids));
  const reports = new SourceReports();
  const recovery = new Recovery({ ...parts, served, reports });
  const storage = new FailingStorage({ ...parts, served, reports, recovery });
  const watches = new MountPodWatches({
    ended: (uid, cause) =>
      served.findServedBy(uid).forEach((sourceKey) => recovery.lookAgain(sourceKey, cause)),
    started: (uid) => served.findServedBy(uid).forEach((sourceKey) => recovery.hurry(sourceKey)),
    hasNews: (uid) => storage.look(uid),
  });
  const watchdog = new Watchdog({ ...parts, served, reports, recovery, watches }, hungTimeoutMs);
  void watchdog.run();
  // While it was dead or hung, nothing was told of its storage.
  reports.subscribe(({ sourceKey, state }) => {
    const uid = served.get(sourceKey)?.mountPodUid;
    if (state === 'recovered' && uid !== undefined) storage.look(uid);
  });
  const close = () => {
    watchdog.close();
    recovery.close();
    storage.close();
    watches.keep(new Set());
  };
  const silent = new SilentClients(parts, hungTimeoutMs);
  return { served, reports, recovery, storage, silent, close };
}
