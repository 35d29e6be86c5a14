// Which failures exist, and what does each mean to gRPC, to retries and to a person?

/** Retry policy of a failure: `soon` back-off from 1 s, `slow` for what only a person mends. */
export type Retry = 'soon' | 'slow';

interface Meaning {
  /** gRPC status name (grpc-js `status` keys). */
  grpc: string;
  retry: Retry;
  /** `reason` of the claim's Ready condition. */
  reason: string;
}

/** The closed table of failures (DESIGN section 10): one row gives all three translations. */
export const ERRORS = {
  INVALID_ARGUMENT: { grpc: 'INVALID_ARGUMENT', retry: 'slow', reason: 'InvalidRequest' },
  CLASS_NOT_FOUND: { grpc: 'NOT_FOUND', retry: 'slow', reason: 'ClassNotFound' },
  CLASS_NOT_ALLOWED: { grpc: 'PERMISSION_DENIED', retry: 'slow', reason: 'ClassNotAllowed' },
  CLASS_INVALID: { grpc: 'FAILED_PRECONDITION', retry: 'slow', reason: 'ClassInvalid' },
  SECRET_MISSING: { grpc: 'FAILED_PRECONDITION', retry: 'slow', reason: 'SecretMissing' },
  SECRET_INVALID: { grpc: 'FAILED_PRECONDITION', retry: 'slow', reason: 'SecretInvalid' },
  CREDENTIALS_REJECTED: { grpc: 'UNAUTHENTICATED', retry: 'slow', reason: 'CredentialsRejected' },
  ACCESS_DENIED: { grpc: 'PERMISSION_DENIED', retry: 'slow', reason: 'AccessDenied' },
  BUCKET_NOT_FOUND: { grpc: 'NOT_FOUND', retry: 'slow', reason: 'BucketNotFound' },
  ENDPOINT_UNREACHABLE: { grpc: 'UNAVAILABLE', retry: 'soon', reason: 'EndpointUnreachable' },
  DNS_FAILED: { grpc: 'UNAVAILABLE', retry: 'soon', reason: 'DNSFailed' },
  TLS_VERIFY_FAILED: { grpc: 'FAILED_PRECONDITION', retry: 'slow', reason: 'TLSVerifyFailed' },
  CLOCK_SKEW: { grpc: 'FAILED_PRECONDITION', retry: 'slow', reason: 'ClockSkew' },
  STORAGE_ERROR: { grpc: 'UNAVAILABLE', retry: 'soon', reason: 'StorageError' },
  STORAGE_NOT_SERVING: { grpc: 'UNAVAILABLE', retry: 'soon', reason: 'StorageNotServing' },
  MOUNT_HUNG: { grpc: 'UNAVAILABLE', retry: 'soon', reason: 'MountHung' },
  MOUNT_POD_NOT_READY: { grpc: 'UNAVAILABLE', retry: 'soon', reason: 'MountPodNotReady' },
  MOUNT_POD_RETIRED: { grpc: 'ABORTED', retry: 'soon', reason: 'MountPodNotReady' },
  AGENT_UNREACHABLE: { grpc: 'UNAVAILABLE', retry: 'soon', reason: 'AgentUnreachable' },
  VOLUME_ROOT_MISSING: { grpc: 'FAILED_PRECONDITION', retry: 'soon', reason: 'VolumeRootMissing' },
  MOUNTPOINT_CONFLICT: { grpc: 'FAILED_PRECONDITION', retry: 'slow', reason: 'MountpointConflict' },
  MOUNTPOINT_OCCUPIED: { grpc: 'ABORTED', retry: 'soon', reason: 'MountpointConflict' },
  MOUNTPOINT_UNUSABLE: { grpc: 'FAILED_PRECONDITION', retry: 'slow', reason: 'MountpointUnusable' },
  PROPAGATION_MISSING: {
    grpc: 'FAILED_PRECONDITION',
    retry: 'slow',
    reason: 'PropagationMissing',
  },
  FLUSHING: { grpc: 'UNAVAILABLE', retry: 'soon', reason: 'Flushing' },
  IN_USE: { grpc: 'FAILED_PRECONDITION', retry: 'soon', reason: 'InUse' },
  ALREADY_PUBLISHED: { grpc: 'ALREADY_EXISTS', retry: 'slow', reason: 'InternalError' },
  OPERATION_PENDING: { grpc: 'ABORTED', retry: 'soon', reason: 'InternalError' },
  NODE_UNSUPPORTED: { grpc: 'FAILED_PRECONDITION', retry: 'slow', reason: 'NodeUnsupported' },
  UNAUTHENTICATED: { grpc: 'UNAUTHENTICATED', retry: 'slow', reason: 'AgentUnreachable' },
  INTERNAL: { grpc: 'INTERNAL', retry: 'soon', reason: 'InternalError' },
} as const satisfies Record<string, Meaning>;

export type ErrorCode = keyof typeof ERRORS;

/** Is this text one of our codes? Answers of an older or newer agent may hold others. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text);
}

/**
 * The one error of the project. The message says what failed, on which object and what a person can do;
 * it never holds a credential, because it ends in conditions, events and workflow histories.
 */
export class VolumeError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'VolumeError';
    this.code = code;
  }

  /** Turns anything thrown into a VolumeError; what is not ours becomes `INTERNAL`. */
  static from(thrown: unknown): VolumeError {
    if (thrown instanceof VolumeError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new VolumeError('INTERNAL', message, { cause: thrown });
  }
}
