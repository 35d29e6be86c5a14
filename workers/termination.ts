// When shall this process end?

/** Resolves at the first SIGTERM or SIGINT. */
export function waitForTermination(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
