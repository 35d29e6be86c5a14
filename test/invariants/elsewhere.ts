// Which invariants cannot be seen from outside while tests run, or not completely, and which test proves each?

/** Invariant, file and title of the test, and what it does. */
export const ELSEWHERE: { id: string; test: string; title: string; how: string }[] = [
  {
    id: 'I4',
    test: 'test/node/faults.test.ts',
    title: 'I4: a whole life that nobody reads in lists the bucket, and does nothing else to it',
    how: 'A proxy logs every request to the storage.',
  },
  {
    id: 'I5',
    test: 'test/node/publish.test.ts',
    title: 'takes live mounts away and leaves nothing behind',
    how: 'The objects of a live mount are there afterwards; lint forbids recursive deletion near mounts.',
  },
  {
    id: 'I6',
    test: 'test/cluster/canary.test.ts',
    title: 'is in no history, log, event, status, argument list or environment',
    how: 'A key of its own is searched everywhere, also in what the checker does not read.',
  },
  {
    id: 'I11',
    test: 'test/cluster/alone/outages-own.test.ts',
    title:
      'read and write on while the API server, Temporal, controller, webhook and agents are away together',
    how: 'Readers and writers count their errors; so do those of the soak.',
  },
  {
    id: 'I13',
    test: 'test/node/failpoints.test.ts',
    title: 'killed between the two steps of a repair',
    how: 'The agent is killed after every step, and the caller repeats its call.',
  },
  {
    id: 'I14',
    test: 'test/cluster/alone/drift-audit.test.ts',
    title: 'removes nothing and raises an alarm when it would remove too much at once',
    how: 'Six mounts of nobody.',
  },
  {
    id: 'I17',
    test: 'test/workflow/replay.test.ts',
    title: 'replays every history that was kept',
    how: 'The histories of all scenarios.',
  },
];
