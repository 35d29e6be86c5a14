// How many bytes are that, for a person? (pure)

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `0 B`, `1.5 MiB`, `12 GiB`: two or three digits. */
export function formatBytes(bytes: number): string {
  const exponent = bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10);
  const last = UNITS.length - 1;
  // What would be rounded up to 1024 is 1 of the next unit.
  const isFull = Math.round(bytes / 1_024 ** exponent) >= 1_024;
  const unit = Math.min(exponent + (isFull ? 1 : 0), last);
  const count = bytes / 1_024 ** unit;
  const digits = unit > 0 && count < 9.95 ? 1 : 0;
  return `${count.toFixed(digits)} ${UNITS[unit]}`;
}
