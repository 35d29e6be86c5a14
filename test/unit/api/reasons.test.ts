// Can a person look up every reason that is ever shown?
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALL_REASONS } from '../../../api/conditions.ts';
import { buildReasonsPage, EVENT_EXPLANATIONS, EXPLANATIONS } from '../../../api/reasons.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const documented = new Set([...Object.keys(EXPLANATIONS), ...Object.keys(EVENT_EXPLANATIONS)]);

/** Reasons that are written out in the source of the control plane. */
function findWrittenReasons(): string[] {
  const files = globSync('{activities,workflows,watch,classes}/**/*.ts', { cwd: ROOT });
  return files.flatMap((file) =>
    [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/reason: '([A-Z]\w+)'/g)].map(
      ([, reason]) => reason ?? '',
    ),
  );
}

describe('the table of reasons', () => {
  it('explains every reason of a condition, and no other', () => {
    expect(Object.keys(EXPLANATIONS).sort()).toEqual([...ALL_REASONS].sort());
  });

  it('explains every reason that the source writes', () => {
    const written = findWrittenReasons();

    expect(written).toContain('MountPodThrottled');
    expect(written.filter((reason) => !documented.has(reason))).toEqual([]);
  });

  it('gives each a cause and a next step in whole sentences', () => {
    for (const { cause, next } of Object.values({ ...EXPLANATIONS, ...EVENT_EXPLANATIONS })) {
      expect(cause).toMatch(/^[A-Z`].*\.$/);
      expect(next).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('is the page in the documentation', () => {
    expect(readFileSync(path.join(ROOT, 'docs/reference/reasons.md'), 'utf8')).toBe(
      buildReasonsPage(),
    );
  });
});
