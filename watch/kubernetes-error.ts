// How did the Kubernetes API refuse a request?

/** `metav1.Status`, the fields that are used. */
export interface KubernetesStatus {
  code?: number;
  reason?: string;
  message?: string;
}

/** An answer of the API server other than 2xx, or an `ERROR` event of a watch. */
export class KubernetesError extends Error {
  /** HTTP status; for a watch event the `code` within it. */
  readonly status: number;
  /** `metav1.StatusReason`, as `NotFound`, `AlreadyExists`, `Conflict`, `Expired`; "" when not given. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = 'KubernetesError';
    this.status = status;
    this.reason = reason;
  }
}

/**
 * Builds the error from an answer's body, which is a `metav1.Status` unless a proxy answered.
 *
 * @param request what was asked, for people: `GET /api/v1/pods`
 */
export function buildKubernetesError(
  request: string,
  httpStatus: number,
  body: string,
): KubernetesError {
  const status = parseStatus(body);
  return new KubernetesError(
    status.code ?? httpStatus,
    status.reason ?? '',
    `${request} was answered ${httpStatus}: ${status.message ?? body.slice(0, 200)}`,
  );
}

function parseStatus(body: string): KubernetesStatus {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

/** 404: there is no such object. */
export function isNotFound(thrown: unknown): boolean {
  return thrown instanceof KubernetesError && thrown.status === 404;
}

/** 409: it exists already, or it is not (or no longer) the version or UID that was named. */
export function isConflict(thrown: unknown): boolean {
  return thrown instanceof KubernetesError && thrown.status === 409;
}

/** 410: the resource version or the list's continue token is too old; only a new list helps. */
export function isGone(thrown: unknown): boolean {
  return thrown instanceof KubernetesError && thrown.status === 410;
}
