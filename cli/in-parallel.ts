// How are many questions asked without a crowd?
import { Slots } from '../api/slots.ts';

/** A person waits, and an API server has others to serve. */
const AT_ONCE = 8;

/** Works on all items, a few at a time. @returns the results in the order of the items */
export async function mapInParallel<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const slots = new Slots(AT_ONCE);
  return await Promise.all(items.map((item) => slots.run(() => work(item))));
}
