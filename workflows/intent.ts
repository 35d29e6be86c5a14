// What have the signals told since the last look?

/** Only the newest matters: the loop looks again anyway. */
export interface Intent {
  dirty: boolean;
  generation: number;
  deleting: boolean;
  /** Somebody has deleted the claim; a claim whose object vanished without counts as `deleting`, too. */
  wasDeleted: boolean;
  /** Stops the running round; set while one runs whose plan a newer claim would make wrong. */
  interrupt?: () => void;
}

/** A new run looks at once. */
export function buildIntent(generation: number, deleting: boolean): Intent {
  return { dirty: true, generation, deleting, wasDeleted: deleting };
}

/**
 * Takes in a signal of the watcher. A deletion or a new generation stops the running round; news of a pod
 * waits for its end.
 *
 * @param signal what a person sends by hand may be anything, or nothing: then it says "look again"
 */
export function noteSignal(intent: Intent, signal: unknown): void {
  const { generation, deleting, vanished } = readFields(signal);
  const newest = Number.isSafeInteger(generation) ? Number(generation) : 0;
  const changed = newest > intent.generation || (deleting === true && !intent.deleting);
  intent.dirty = true;
  intent.generation = Math.max(intent.generation, newest);
  intent.deleting ||= deleting === true;
  intent.wasDeleted ||= deleting === true && vanished !== true;
  if (changed) intent.interrupt?.();
}

/** Does the signal doubt that what is thought to serve does? */
export function asksForRecheck(signal: unknown): boolean {
  return readFields(signal)['recheck'] === true;
}

/** A person's command makes any plan wrong that was made before it. */
export function noteCommand(intent: Intent): void {
  intent.dirty = true;
  intent.interrupt?.();
}

function readFields(signal: unknown): Record<string, unknown> {
  return typeof signal === 'object' && signal !== null ? { ...signal } : {};
}
