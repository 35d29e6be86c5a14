// What does the API server ask the webhook?
import type { LookUps } from '../../admission/look-ups.ts';
import type { AdmissionRequest } from '../../admission/review.ts';
import { aClass } from './objects.ts';

/** The request of a review about a new object in the namespace `shop`. */
export function aRequest(object: Record<string, unknown>): AdmissionRequest {
  return { uid: 'review-1', operation: 'CREATE', namespace: 'shop', object };
}

/** A whole review, as it is posted. */
export function aReview(object: Record<string, unknown>) {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: aRequest(object),
  };
}

/** Every class exists, the namespace has no labels and annotations, and there are no claims and pods. */
export function lookUps(changes: Partial<LookUps> = {}): LookUps {
  return {
    findClass: (name) => Promise.resolve(aClass(name)),
    findNamespace: () => Promise.resolve({ labels: {}, annotations: {} }),
    listClaims: () => Promise.resolve([]),
    findPod: () => Promise.resolve(undefined),
    ...changes,
  };
}

/** A look-up that the API server does not answer. */
export const unanswered = () => Promise.reject(new Error('Connection refused'));
