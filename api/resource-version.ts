// Which of two versions of a Kubernetes object is the newer one? (pure)

/** Compares `metadata.resourceVersion`s, decimal numbers that may pass what a number holds exactly. */
export function isNewerVersion(one: string, other: string): boolean {
  return one.length === other.length ? one > other : one.length > other.length;
}
