// Which is the newest version of each object that any look has seen? (pure)
import { isNewerVersion } from '../api/resource-version.ts';
import type { SeenVersions } from '../activities/contract.ts';

/** The newer of each version that two looks have seen. */
export function mergeSeen(one: SeenVersions, other: SeenVersions): SeenVersions {
  return {
    classes: mergeNewer(one.classes, other.classes, (a, b) => a > b),
    secrets: mergeNewer(one.secrets, other.secrets, isNewerVersion),
  };
}

function mergeNewer<T>(
  one: Record<string, T>,
  other: Record<string, T>,
  isNewer: (a: T, b: T) => boolean,
): Record<string, T> {
  const merged = { ...one };
  for (const [name, version] of Object.entries(other)) {
    const known = merged[name];
    if (known === undefined || isNewer(version, known)) merged[name] = version;
  }
  return merged;
}
