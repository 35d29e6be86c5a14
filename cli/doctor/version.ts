// Is a version older than another one? (pure)

/**
 * Compares major and minor number, as in `v1.36.3`, `6.1.0-18-amd64` or `1.30+`.
 * What is no version is not below anything: better no alarm than a false one.
 */
export function isBelow(version: string, oldest: string): boolean {
  const [one, other] = [parse(version), parse(oldest)];
  if (one === undefined || other === undefined) return false;
  return one.major === other.major ? one.minor < other.minor : one.major < other.major;
}

function parse(version: string): { major: number; minor: number } | undefined {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}
