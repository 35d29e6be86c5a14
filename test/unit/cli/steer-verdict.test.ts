// When is a claim as somebody has told it to be?
import { describe, expect, it } from 'vitest';
import { judgeSteering, listServedKeys } from '../../../cli/steer-verdict.ts';
import type { CommandKind } from '../../../workflows/commands.ts';
import type { WorkflowStatus } from '../../../workflows/messages.ts';
import { aRecord, KEY_A, KEY_B } from '../../builders/objects.ts';

function workflow(
  ready: { status: 'True' | 'False'; reason: string } | undefined,
  changes: Partial<WorkflowStatus> = {},
): WorkflowStatus {
  const conditions = ready
    ? [{ type: 'Ready' as const, observedGeneration: 1, message: 'why', ...ready }]
    : [];
  return {
    generation: 1,
    deleting: false,
    mounts: { 'uid-web-1': aRecord() },
    steering: { remounts: 0 },
    status: {
      observedGeneration: 1,
      provider: 's3',
      matched: 1,
      attached: 1,
      failed: 0,
      notInjected: 0,
      attachedOfMatched: '1/1',
      conditions,
      pods: [],
    },
    ...changes,
  };
}

const serves = { status: 'True', reason: 'Attached' } as const;
const detached = { status: 'False', reason: 'Detached' } as const;
const failing = { status: 'False', reason: 'AccessDenied' } as const;
const fresh = aRecord();
fresh.served = { ...fresh.served!, sourceKey: KEY_B };
const unserved = aRecord();
delete unserved.served;
const byHand = { remounts: 0, detachedSinceMs: 1 };

describe('judgeSteering', () => {
  it.each<[command: CommandKind, what: string, now: WorkflowStatus, state: string]>([
    ['detach', 'mounts are left', workflow(detached), 'waiting'],
    [
      'detach',
      'no mount is left, and the status does not say so yet',
      workflow(serves, { mounts: {} }),
      'waiting',
    ],
    ['detach', 'no mount is left', workflow(detached, { mounts: {} }), 'reached'],
    [
      'detach',
      'no mount is left of a claim that is being deleted',
      workflow(serves, { mounts: {}, deleting: true }),
      'reached',
    ],
    ['attach', 'it serves', workflow(serves), 'reached'],
    ['attach', 'nothing serves yet', workflow(detached), 'waiting'],
    [
      'attach',
      'the status is older than the mounts',
      workflow(serves, { mounts: { a: unserved } }),
      'waiting',
    ],
    ['attach', 'it fails', workflow(failing), 'waiting'],
    [
      'attach',
      'no pod matches',
      workflow({ status: 'False', reason: 'NoMatchingPods' }, { mounts: {} }),
      'reached',
    ],
    ['attach', 'somebody has detached it again', workflow(detached, { steering: byHand }), 'never'],
    ['attach', 'it is being deleted', workflow(serves, { deleting: true }), 'never'],
    ['remount', 'the former source serves', workflow(serves), 'waiting'],
    ['remount', 'a fresh source serves', workflow(serves, { mounts: { a: fresh } }), 'reached'],
    [
      'remount',
      'one pod still has the former source',
      workflow(serves, { mounts: { a: fresh, b: aRecord() } }),
      'waiting',
    ],
    ['remount', 'the fresh source fails', workflow(failing, { mounts: { a: fresh } }), 'waiting'],
    ['remount', 'nobody has looked', workflow(undefined, { mounts: {} }), 'waiting'],
  ])('%s, while %s', (command, _what, now, state) => {
    expect(judgeSteering(command, new Set([KEY_A]), now).state).toBe(state);
  });

  it('tells the reason for which it waits', () => {
    expect(judgeSteering('attach', new Set(), workflow(failing)).words).toBe(
      'stands at AccessDenied (1/1 pods): why',
    );
  });
});

describe('listServedKeys', () => {
  it('leaves out what does not serve', () => {
    expect([...listServedKeys({ mounts: { a: aRecord(), b: unserved } })]).toEqual([KEY_A]);
  });
});
