// How do people read what doctor has found?
import { describe, expect, it } from 'vitest';
import { formatReport } from '../../../../cli/doctor/report.ts';
import { createStyle } from '../../../../cli/output/style.ts';

describe('formatReport', () => {
  it('has a line a check, the fix below it, and the sum', () => {
    const report = formatReport(
      [
        { check: 'Kubernetes', level: 'ok', message: 'v1.36.3' },
        { check: 'agents', level: 'broken', message: 'not ready: a', fix: 'look at it' },
        { check: 'kernels', level: 'warning', message: 'old', fix: 'update' },
        { check: 'nodes', level: 'unchecked', message: 'not checked: needs list nodes' },
      ],
      createStyle(false),
    );

    expect(report.split('\n')).toEqual([
      '✓ Kubernetes  v1.36.3',
      '✗ agents      not ready: a',
      '              Fix: look at it',
      '! kernels     old',
      '              Fix: update',
      '- nodes       not checked: needs list nodes',
      '',
      '3 checks, 1 broken, 1 warning, 1 not checked',
    ]);
  });

  it('shows control characters of objects instead of obeying them', () => {
    const finding = { check: 'claims', level: 'broken', message: 'a\u001B[2Jb', fix: 'x' } as const;

    expect(formatReport([finding], createStyle(false))).toContain('a^[[2Jb');
  });
});
