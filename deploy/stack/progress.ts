// How does a long operation tell what it is doing?

/** Takes one line for a person to read. */
export type Progress = (line: string) => void;

/** Builds a progress that puts the seconds since now before each line. */
export function buildProgress(write: Progress): Progress {
  const startMs = Date.now();
  return (line) => write(`${((Date.now() - startMs) / 1000).toFixed(2).padStart(7)}s  ${line}`);
}
