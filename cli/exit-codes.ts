// With which exit codes does the command line end?

/** Exit codes, for scripts: each failure of a kind ends with the same one. */
export const EXIT_CODES = {
  ok: 0,
  /** It was done or looked at, and is not as it should be. */
  failed: 1,
  usage: 2,
  notFound: 3,
  /** API server, console or Temporal do not answer, or do not allow it. */
  noAccess: 4,
  /** `--timeout` is over. */
  timeOver: 5,
  /** Ctrl-C, as shells know it: 128 + SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

/** What each exit code says, in the words of `--help`. */
export const EXIT_CODE_HELP: readonly [ExitCode, string][] = [
  [EXIT_CODES.ok, 'done'],
  [EXIT_CODES.failed, 'failed, or not as it should be'],
  [EXIT_CODES.usage, 'the command line cannot be understood'],
  [EXIT_CODES.notFound, 'no such claim, pod or context'],
  [EXIT_CODES.noAccess, 'cluster, console or Temporal do not answer or do not allow it'],
  [EXIT_CODES.timeOver, 'the time of --timeout is over'],
  [EXIT_CODES.interrupted, 'interrupted'],
];
