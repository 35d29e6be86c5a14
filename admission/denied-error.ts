// How is it said that an object is refused?

/** Why an object is refused, in one sentence for the person who wrote it. */
export class DeniedError extends Error {
  /** Key of the annotation that is at fault, if one is. */
  readonly annotation?: string;

  constructor(message: string, annotation?: string) {
    super(message);
    this.name = 'DeniedError';
    if (annotation !== undefined) this.annotation = annotation;
  }
}
