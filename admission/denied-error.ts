// How is it said that an object is refused?

/** Why an object is refused, in one sentence for the person who wrote it. */
export class DeniedError extends Error {
  /** HTTP status of the refusal. */
  readonly code: number = 403;
  /** Key of the annotation that is at fault, if one is. */
  readonly annotation?: string;

  constructor(message: string, annotation?: string) {
    super(message);
    this.name = 'DeniedError';
    if (annotation !== undefined) this.annotation = annotation;
  }
}

/** What is refused now may be granted later: `kubectl drain`, for one, tries again then. */
export class TooEarlyError extends DeniedError {
  /** Too Many Requests, as a PodDisruptionBudget answers. */
  override readonly code = 429;
}
