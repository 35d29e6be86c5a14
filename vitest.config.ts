// How do the test tiers run? (folders of test/; the runner is test/run.ts)
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    // Native modules (koffi, Temporal's core) live in processes of their own.
    pool: 'forks',
    // Two cores: more workers only make each other late.
    maxWorkers: 2,
    // Concurrent cases of one file; each starts pods.
    maxConcurrency: 3,
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
