// Does every log line have fields of the table only, and is the table in the documentation?
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildWorkflowId } from '../../../api/names.ts';
import { buildClaimFields, LOG_FIELDS, parseWorkflowId } from '../../../logging/fields.ts';
import { CLAIM } from '../../builders/objects.ts';
import { findLogCalls } from './log-calls.ts';

const calls = findLogCalls();

describe('log calls', () => {
  it('are found', () => {
    expect(calls.length).toBeGreaterThan(60);
    expect(calls.some(({ sentence }) => sentence === 'Target failed')).toBe(true);
  });

  it('are seen with what is spread in them, and with the fields of child loggers', () => {
    const fields = calls.flatMap((call) =>
      call.where.startsWith('csi-node/release-hung.ts') ? call.fields : [],
    );
    expect(fields).toContain('sourceKeys');
    const spread = calls.find(({ sentence }) => sentence === 'A source changed its state');
    expect(spread?.fields).toContain('node');
  });

  it('use fields of the table', () => {
    const unknown = calls.flatMap(({ where, fields }) =>
      fields.filter((name) => !(name in LOG_FIELDS)).map((name) => `${where}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the how-to', () => {
  it('has the table', () => {
    const page = readFileSync(
      new URL('../../../docs/how-to/read-the-logs.md', import.meta.url),
      'utf8',
    );
    const rows = page.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm);
    expect(Object.fromEntries([...rows].map(([, name, text]) => [name, text]))).toEqual(LOG_FIELDS);
  });
});

describe('parseWorkflowId', () => {
  it('finds the claim that the fields of a claim name', () => {
    const { workflowId, ...fields } = buildClaimFields(CLAIM);
    expect(parseWorkflowId(workflowId)).toEqual(fields);
    expect(fields).toEqual({ claim: 'shop/pictures', claimUid: 'claim-uid' });
  });

  it('finds the UID where the name is too long for an id', () => {
    const id = buildWorkflowId({ ...CLAIM, name: 'x'.repeat(253) });
    expect(parseWorkflowId(id)).toEqual({ claimUid: 'claim-uid' });
  });

  it.each(['dynvol-drift-audit-2026', '', 'dvc/'])('finds nothing in %j', (id) => {
    expect(parseWorkflowId(id)).toEqual({});
  });
});
