// Does an explanation end in one reason and one command?
import { describe, expect, it } from 'vitest';
import { buildNextStep } from '../../../../cli/next-step.ts';
import { formatExplanation } from '../../../../cli/output/explanation.ts';
import { createStyle } from '../../../../cli/output/style.ts';
import type { ClaimDetail } from '../../../../console/model/views.ts';
import { aDetail, aReady } from '../../../builders/claim-detail.ts';

const style = createStyle(false);
const now = new Date('2026-01-01T00:05:00Z');

function explain(changes: Partial<ClaimDetail>): string[] {
  const detail = aDetail(changes);
  const step = buildNextStep({ detail });
  return formatExplanation({ detail, step, style, now }).split('\n');
}

describe('an explanation', () => {
  it('of a ready claim says what serves, and that nothing is to do', () => {
    expect(explain({ readOnly: true, workflow: { id: 'dvc/shop/pictures/1' } })).toEqual([
      'Claim       shop/pictures',
      'Storage     photos/raw at https://s3.example.com',
      'Mountpoint  /data, read-only',
      'Class       s3-sample',
      'Pods        1 of 1 have the storage',
      'Status      Ready since 5m',
      'Workflow    dvc/shop/pictures/1',
      '',
      'POD     NODE    STATE      MOUNT POD   REASON',
      'web-1   node1   Attached   s3-web-1    <none>',
      '',
      'Reason      Attached. The storage serves in 1 pod.',
      'Cause       The storage serves in every injected, running pod that the claim matches.',
      'Next        Nothing.',
      '            kubectl dynvol top pictures -n shop # what it moves',
    ]);
  });

  it('tells what all pods have once, and what one has alone beside it', () => {
    const pods: ClaimDetail['pods'] = [
      { name: 'web-1', uid: '1', state: 'Failed', reason: 'DNSFailed', message: 'No such host' },
      { name: 'web-2', uid: '2', state: 'NotInjected', reason: 'NotInjected', message: 'Annotate' },
    ];
    const lines = explain({
      phase: 'Failed',
      reason: 'DNSFailed',
      message: 'No such host.',
      conditions: [aReady('DNSFailed')],
      attached: 0,
      matched: 2,
      failed: 1,
      notInjected: 1,
      pods,
    });
    expect(lines).toContain(
      'Pods        0 of 2 have the storage, 1 failed, 1 without a volume root',
    );
    expect(lines.filter((line) => line.startsWith('web-'))).toEqual([
      'web-1   <none>   Failed        s3-web-1    DNSFailed',
      'web-2   <none>   NotInjected   <none>      NotInjected. Annotate',
    ]);
    expect(lines.at(-4)).toBe('Reason      DNSFailed. No such host.');
    expect(lines.at(-1)).toBe('            kubectl edit dvc pictures -n shop');
  });

  it('tells what the workflow does next', () => {
    const explanation = 'Claim pictures: x.\nNext: looks again at 10:00.\nYou can: wait.';
    expect(explain({ explanation })).toContain('Plan        looks again at 10:00.');
  });

  it('tells what has to be mended although everything serves', () => {
    const stalled = {
      ...aReady('SecretMissing', 'Secret default/keys is gone'),
      type: 'Stalled' as const,
    };
    expect(explain({ conditions: [aReady(), stalled] })).toContain(
      'Stalled     SecretMissing. Secret default/keys is gone',
    );
  });

  it('of a claim that nobody has looked at names the doctor', () => {
    const lines = explain({ reason: '', message: '', className: '', conditions: [], pods: [] });
    expect(lines).toContain('Class       not known yet');
    expect(lines.slice(-2)).toEqual([
      'Reason      The controller has not looked at it yet.',
      'Next        kubectl dynvol doctor',
    ]);
  });
});
