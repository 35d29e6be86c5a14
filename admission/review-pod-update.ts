// What is said to who annotates a pod that exists?
import { POD_ANNOTATIONS } from '../api/names.ts';
import type { Verdict } from './review.ts';

/** Asked only when an annotation of ours was added or changed; the API server compares. */
export function reviewPodUpdate(): Verdict {
  return {
    warnings: [
      `annotations such as "${POD_ANNOTATIONS.className}" change nothing in a pod that exists, it needs a new pod: set them in the pod template of its Deployment, StatefulSet or Job`,
    ],
  };
}
