// What is wrong with which pod?
import type { ClaimPod } from '../../api/dynamic-volume-claim.ts';
import { Mark } from './mark.tsx';
import { POD_MARKS } from './marks.ts';

interface Props {
  pods: ClaimPod[];
  /** Told above already; what it repeats of a pod is not told again. */
  claimMessage: string;
}

/** In full: the drawing has no room for messages and long names. */
export function PodTroubles({ pods, claimMessage }: Props) {
  const troubled = pods.filter(({ message }) => message && !claimMessage.includes(message));
  if (troubled.length === 0) return null;
  return (
    <ul class="troubles" aria-label="Pods that need attention">
      {troubled.map(({ uid, name, node, state, reason, message }) => (
        <li key={uid}>
          <Mark kind={POD_MARKS[state]} />
          <div>
            <code>{name}</code>
            {node && <span class="faint"> on {node}</span>} <strong>{reason ?? state}</strong>
            <p>{message}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}
