// How far has a pod come in its life? (pure)
import type { PodView } from './cluster-view.ts';

/** Has the pod run to its end? */
export function isCompleted(pod: Pick<PodView, 'phase'> | undefined): boolean {
  return pod?.phase === 'Succeeded' || pod?.phase === 'Failed';
}

/** Is the pod there to stay, neither asked to end nor at its end? */
export function isStaying(pod: Pick<PodView, 'phase' | 'terminating'> | undefined): boolean {
  return pod !== undefined && !pod.terminating && !isCompleted(pod);
}
