// How are many questions asked without a crowd?

/** A person waits, and an API server has others to serve. */
const AT_ONCE = 8;

/** Works on all items, a few at a time. @returns the results in the order of the items */
export async function mapInParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let first = 0; first < items.length; first += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(first, first + AT_ONCE).map(work))));
  }
  return results;
}
