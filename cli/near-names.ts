// Which of the names that exist may somebody have meant? (pure)

const MAX_SUGGESTIONS = 3;

/** The names that are nearest to a mistyped one, the nearest first; none when nothing is near. */
export function suggestNames(typed: string, names: readonly string[]): string[] {
  const most = Math.max(1, Math.floor(typed.length / 3));
  return names
    .map((name) => ({ name, distance: rate(typed, name) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_SUGGESTIONS)
    .map(({ name }) => name);
}

/** A name that goes on from what was typed is as near as one with a single slip. */
function rate(typed: string, name: string): number {
  const goesOn = typed.length >= 3 && name.startsWith(typed);
  return Math.min(goesOn ? 1 : Infinity, countEdits(typed.toLowerCase(), name.toLowerCase()));
}

/** Levenshtein's distance: characters to insert, to take out or to replace. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, character] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
