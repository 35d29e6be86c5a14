// Which commands help with a claim, as it is now? (pure; the page shows them and runs none)
import type { ClaimSummary } from '../model/views.ts';

export interface CommandLine {
  /** What it is good for, in a few words. */
  purpose: string;
  command: string;
}

/** The most useful one first. */
export function buildCommandLines(claim: ClaimSummary): CommandLine[] {
  const line = (purpose: string, verb: string): CommandLine => ({
    purpose,
    command: `kubectl dynvol ${verb} ${claim.name} -n ${claim.namespace}`,
  });
  const explain = line('Why is it so, and what is next', 'explain');
  const logs = line('Logs of its mount pods', 'logs');
  const object: CommandLine = {
    purpose: 'The object itself',
    command: `kubectl get dvc ${claim.name} -n ${claim.namespace} -o yaml`,
  };
  return [explain, ...buildSteering(claim, line), logs, object];
}

type BuildLine = (purpose: string, verb: string) => CommandLine;

/** A deleted claim takes no orders. */
function buildSteering({ phase, reason }: ClaimSummary, line: BuildLine): CommandLine[] {
  if (phase === 'Deleting') return [];
  if (reason === 'Detached') return [line('Bring the storage back', 'attach')];
  const away = line('Take the storage away, until attach', 'detach');
  if (phase === 'Waiting') return [away];
  return [line('A fresh mount with fresh keys, beneath the readers', 'remount'), away];
}
