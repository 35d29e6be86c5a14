// How is a name that is too long shown? (pure)

/** Keeps both ends: names of pods differ at the end, and belong together by their begin. */
export function shortenName(name: string, maxLength: number): string {
  if (name.length <= maxLength) return name;
  const kept = Math.max(2, maxLength - 1);
  const head = Math.ceil(kept / 2);
  return `${name.slice(0, head)}…${name.slice(name.length - (kept - head))}`;
}
