// What have the signals told since the last look?
import type { ReconcileSignal } from './messages.ts';

/** Only the newest matters: the loop looks again anyway. */
export interface Intent {
  dirty: boolean;
  generation: number;
  deleting: boolean;
  /** Stops the running round; set while one runs whose plan a newer claim would make wrong. */
  interrupt?: () => void;
}

/** A new run looks at once. */
export function buildIntent(generation: number, deleting: boolean): Intent {
  return { dirty: true, generation, deleting };
}

/**
 * Takes in a signal. A deletion or a new generation stops the running round; news of a pod waits for
 * its end.
 */
export function noteSignal(intent: Intent, signal: ReconcileSignal): void {
  const changed = signal.generation > intent.generation || (signal.deleting && !intent.deleting);
  intent.dirty = true;
  intent.generation = Math.max(intent.generation, signal.generation);
  intent.deleting ||= signal.deleting;
  if (changed) intent.interrupt?.();
}
