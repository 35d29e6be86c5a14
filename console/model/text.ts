// How are counts and lists written for people? (pure)

/** Names that a sentence lists at most. */
const MAX_LISTED = 5;

/** "1 pod" or "2 pods". */
export function countPods(count: number): string {
  return count === 1 ? '1 pod' : `${count} pods`;
}

/** All of a few, or the first of many: "a, b, c, d, e and 2 more". */
export function listSome(texts: string[], separator = ', '): string {
  const told = texts.slice(0, MAX_LISTED).join(separator);
  const rest = texts.length - MAX_LISTED;
  return rest > 0 ? `${told} and ${rest} more` : told;
}
