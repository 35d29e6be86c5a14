// Does the state know of everything that may be mounted, and of nothing else?
import { describe, expect, it } from 'vitest';
import type { AttachNodeRequest, DetachNodeRequest } from '../../../activities/contract.ts';
import {
  buildFreshState,
  noteAttachAttempt,
  noteAttached,
  noteDetachAttempt,
  noteDetached,
  noteDoubt,
  noteLeftMounts,
  noteObserved,
} from '../../../workflows/state.ts';
import type { MountRecord } from '../../../workflows/state.ts';
import {
  aRecord,
  anObservation,
  anObservedPod,
  CLAIM,
  KEY_A,
  KEY_B,
  PARAMETERS,
} from '../../builders/objects.ts';

const uid = 'uid-web-1';
const NOW_MS = 5_000;
const { served: _served, ...lost } = aRecord();

function attach(sourceKey: string): AttachNodeRequest {
  return {
    claim: { ...CLAIM, generation: 1 },
    node: 'node1',
    mountpoint: 'data',
    readOnly: false,
    s3: { bucket: 'photos', endpoint: 'https://s3.example.com', prefix: '', region: '' },
    classes: { 's3-sample': PARAMETERS },
    targets: [
      { podUid: uid, podName: 'web-1', className: 's3-sample', sourceKey, replacesSourceKey: '' },
    ],
  };
}

function detach(sourceKey: string): DetachNodeRequest {
  const target = { podUid: uid, podName: 'web-1', mountpoint: 'data', sourceKey, force: false };
  return {
    claim: { ...CLAIM, generation: 1 },
    node: 'node1',
    targets: [target],
    discardWrites: false,
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

  it.each<[string, (state: ReturnType<typeof buildFreshState>) => void]>([
    ['another source', (state) => noteAttachAttempt(state, attach(KEY_B))],
    ['other flags', (state) => noteAttachAttempt(state, { ...attach(KEY_A), readOnly: true })],
    ['a detach', (state) => noteDetachAttempt(state, detach(KEY_A))],
  ])('doubts what serves before the outcome of an attempt with %s', (_what, note) => {
    const state = { ...buildFreshState(), mounts: { [uid]: aRecord() } };

    note(state);

    expect(state.mounts[uid]?.served).toMatchObject({ sourceKey: KEY_A, isDoubtful: true });
  });

  it('does not doubt the successor of what is detached', () => {
    const state = {
      ...buildFreshState(),
      mounts: { [uid]: aRecord({ sourceKeys: [KEY_B, KEY_A] }) },
    };

    noteDetachAttempt(state, detach(KEY_B));

    expect(state.mounts[uid]?.served?.isDoubtful).toBeUndefined();
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

    noteDetached(state, { podUid: uid, sourceKey: KEY_A }, NOW_MS);
    noteDetached(state, { podUid: uid, sourceKey: KEY_B, failure }, NOW_MS);
    expect(state.mounts[uid]?.sourceKeys).toEqual([KEY_B]);

    noteDetached(state, { podUid: uid, sourceKey: KEY_B }, NOW_MS);
    expect(state.mounts).toEqual({});
  });

  it.each<[string, Record<string, MountRecord>, string[][], string[]]>([
    ['a pod that is not known', {}, [[KEY_A]], [KEY_A]],
    ['a pod half-way through a swap', {}, [[KEY_A], [KEY_B]], [KEY_B, KEY_A]],
    ['a pod that is served', { [uid]: aRecord() }, [[KEY_B]], [KEY_A]],
    ['a pod where an attach failed', { [uid]: lost }, [[KEY_B]], [KEY_B, KEY_A]],
    ['a pod where the same attach failed', { [uid]: lost }, [[KEY_A]], [KEY_A]],
  ])('takes over what a former workflow has left in %s', (_what, mounts, left, wanted) => {
    const state = { ...buildFreshState(), mounts };
    const pod = { podUid: uid, podName: 'web-1', node: 'node1', mountpoint: 'data' };

    noteLeftMounts(
      state,
      left.map((sourceKeys) => ({ ...pod, sourceKeys })),
    );

    expect(state.mounts[uid]).toMatchObject({ sourceKeys: wanted, mountpoint: 'data' });
  });

  it('knows nothing of a pod in which nothing was left', () => {
    const state = buildFreshState();
    const pod = { podUid: uid, podName: 'web-1', node: 'node1', mountpoint: 'data' };

    noteLeftMounts(state, [{ ...pod, sourceKeys: [] }]);

    expect(state.mounts).toEqual({});
  });

  it('remembers since when a mount is in use, and forgets it when the pod is wanted again', () => {
    const state = buildFreshState();
    state.mounts[uid] = aRecord();
    const inUse = {
      podUid: uid,
      sourceKey: KEY_A,
      failure: { code: 'IN_USE' as const, message: '' },
    };

    noteDetached(state, inUse, NOW_MS);
    noteDetached(state, inUse, NOW_MS + 1_000);
    expect(state.mounts[uid]?.inUseSinceMs).toBe(NOW_MS);

    noteObserved(state, anObservation({ pods: [] }));
    expect(state.mounts[uid]?.inUseSinceMs).toBe(NOW_MS);
    noteObserved(state, anObservation());
    expect(state.mounts[uid]?.inUseSinceMs).toBeUndefined();
  });

  it.each([
    ['another failure', { sourceKey: KEY_A, code: 'FLUSHING' as const }],
    ['a source that was replaced', { sourceKey: KEY_B, code: 'IN_USE' as const }],
  ])('does not count the grace from %s', (_what, { sourceKey, code }) => {
    const state = buildFreshState();
    state.mounts[uid] = aRecord({ sourceKeys: [KEY_B, KEY_A] });

    noteDetached(state, { podUid: uid, sourceKey, failure: { code, message: '' } }, NOW_MS);

    expect(state.mounts[uid]?.inUseSinceMs).toBeUndefined();
  });

  it('doubts what serves until it is attached again', () => {
    const state = buildFreshState();
    state.mounts[uid] = aRecord();

    noteDoubt(state);
    expect(state.mounts[uid]?.served?.isDoubtful).toBe(true);

    const mountPods = { mountPodUid: 'mp-1', endingMountPodUids: [] };
    noteAttached(state, attach(KEY_A), { podUid: uid, mountPods });
    expect(state.mounts[uid]?.served?.isDoubtful).toBeUndefined();
  });

  it('keeps the newest versions that any look has seen', () => {
    const state = buildFreshState();
    const look = (generation: number, version: string) =>
      noteObserved(
        state,
        anObservation({ seen: { classes: { c: generation }, secrets: { s: version } } }),
      );

    look(2, '1000');
    look(1, '999');

    expect(state.seen).toEqual({ classes: { c: 2 }, secrets: { s: '1000' } });
  });

  it('expects nothing to be mounted in a sandbox that is set up anew', () => {
    const state = buildFreshState();
    noteAttachAttempt(state, attach(KEY_A));
    noteAttached(state, attach(KEY_A), {
      podUid: uid,
      mountPods: { mountPodUid: 'mp-1', endingMountPodUids: [] },
    });

    noteObserved(state, anObservation({ pods: [anObservedPod({ state: 'pending' })] }));

    expect(state.mounts[uid]).toMatchObject({ sourceKeys: [KEY_A] });
    expect(state.mounts[uid]?.served).toBeUndefined();
  });

  it('survives JSON', () => {
    const state = buildFreshState();
    noteAttachAttempt(state, attach(KEY_A));

    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
