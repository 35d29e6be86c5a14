// Does the state know of everything that may be mounted, and of nothing else?
import { describe, expect, it } from 'vitest';
import type { AttachNodeRequest } from '../../../activities/contract.ts';
import {
  buildFreshState,
  noteAttachAttempt,
  noteAttached,
  noteDetached,
  noteObservedPods,
} from '../../../workflows/state.ts';
import { anObservedPod, CLAIM, KEY_A, KEY_B, PARAMETERS } from '../../builders/objects.ts';

const uid = 'uid-web-1';

function attach(sourceKey: string): AttachNodeRequest {
  return {
    claim: { ...CLAIM, generation: 1 },
    node: 'node1',
    mountpoint: 'data',
    readOnly: false,
    s3: { bucket: 'photos', endpoint: 'https://s3.example.com' },
    classes: { 's3-sample': PARAMETERS },
    targets: [
      { podUid: uid, podName: 'web-1', className: 's3-sample', sourceKey, replacesSourceKey: '' },
    ],
  };
}

const failure = { code: 'STORAGE_ERROR' as const, message: 'no' };

describe('claim state', () => {
  it('knows of an attempt before its outcome', () => {
    const state = buildFreshState();

    noteAttachAttempt(state, attach(KEY_A));

    expect(state.mounts[uid]).toMatchObject({ sourceKeys: [KEY_A] });
    expect(state.mounts[uid]?.served).toBeUndefined();
  });

  it('keeps what serves when its replacement fails', () => {
    const state = buildFreshState();
    noteAttachAttempt(state, attach(KEY_A));
    noteAttached(state, attach(KEY_A), {
      podUid: uid,
      mountPods: { mountPodUid: 'mp-1', endingMountPodUids: [] },
    });

    noteAttachAttempt(state, attach(KEY_B));
    noteAttached(state, attach(KEY_B), { podUid: uid, failure });

    expect(state.mounts[uid]?.sourceKeys).toEqual([KEY_A, KEY_B]);
    expect(state.mounts[uid]?.served?.sourceKey).toBe(KEY_A);
  });

  it('does not trust a source that could not be attached again', () => {
    const state = buildFreshState();
    noteAttachAttempt(state, attach(KEY_A));
    noteAttached(state, attach(KEY_A), {
      podUid: uid,
      mountPods: { mountPodUid: 'mp-1', endingMountPodUids: [] },
    });

    noteAttached(state, attach(KEY_A), { podUid: uid, failure });

    expect(state.mounts[uid]?.served).toBeUndefined();
  });

  it('forgets a pod only when every source is detached', () => {
    const state = buildFreshState();
    noteAttachAttempt(state, attach(KEY_A));
    noteAttachAttempt(state, attach(KEY_B));

    noteDetached(state, { podUid: uid, sourceKey: KEY_A });
    noteDetached(state, { podUid: uid, sourceKey: KEY_B, failure });
    expect(state.mounts[uid]?.sourceKeys).toEqual([KEY_B]);

    noteDetached(state, { podUid: uid, sourceKey: KEY_B });
    expect(state.mounts).toEqual({});
  });

  it('takes over what a former workflow may have left', () => {
    const state = buildFreshState();

    noteObservedPods(state, 'data', [anObservedPod({ leftSourceKeys: [KEY_B, KEY_A] })]);

    expect(state.mounts[uid]).toMatchObject({ sourceKeys: [KEY_B, KEY_A], mountpoint: 'data' });
  });

  it('expects nothing to be mounted in a sandbox that is set up anew', () => {
    const state = buildFreshState();
    noteAttachAttempt(state, attach(KEY_A));
    noteAttached(state, attach(KEY_A), {
      podUid: uid,
      mountPods: { mountPodUid: 'mp-1', endingMountPodUids: [] },
    });

    noteObservedPods(state, 'data', [anObservedPod({ state: 'pending' })]);

    expect(state.mounts[uid]).toMatchObject({ sourceKeys: [KEY_A] });
    expect(state.mounts[uid]?.served).toBeUndefined();
  });

  it('survives JSON', () => {
    const state = buildFreshState();
    noteAttachAttempt(state, attach(KEY_A));

    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
