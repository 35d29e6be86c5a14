// Which labels select exactly one pod?
import { describe, expect, it } from 'vitest';
import { POD_LABEL } from '../../../../api/names.ts';
import { choosePodLabels } from '../../../../cli/mount/pod-selector.ts';
import { aWorkloadPod } from '../../../builders/workload-pods.ts';

const byController = [{ kind: 'ReplicaSet', uid: 'owner', controller: true }];

function labelled(name: string, labels: Record<string, string>, owned = false) {
  return aWorkloadPod(name, {
    metadata: { labels, ...(owned ? { ownerReferences: byController } : {}) },
  });
}

describe('choosePodLabels', () => {
  it("takes a StatefulSet's label for its pod", () => {
    const key = 'statefulset.kubernetes.io/pod-name';
    const pods = ['web-0', 'web-1'].map((name) =>
      labelled(name, { app: 'web', [key]: name }, true),
    );

    expect(choosePodLabels(pods[0]!, pods)).toEqual({
      matchLabels: { [key]: 'web-0' },
      isThere: true,
    });
  });

  it('takes name and index of a pod of an indexed Job', () => {
    const labels = (index: string) => ({
      'batch.kubernetes.io/job-name': 'train',
      'batch.kubernetes.io/job-completion-index': index,
      team: 'ml',
    });
    const pods = ['0', '1'].map((index) => labelled(`train-${index}`, labels(index), true));

    expect(choosePodLabels(pods[1]!, pods).matchLabels).toEqual({
      'batch.kubernetes.io/job-name': 'train',
      'batch.kubernetes.io/job-completion-index': '1',
    });
  });

  it.each([
    ['the one label that only it has', { app: 'tools', tier: 'x' }, { app: 'tools' }],
    [
      'all its labels, if only together they are its own',
      { app: 'web', tier: 'x' },
      { app: 'web', tier: 'x' },
    ],
  ])('takes, of a pod that nobody made: %s', (_what, own, matchLabels) => {
    const pod = labelled('tools', own);
    const others = [labelled('a', { app: 'web', tier: 'y' }), labelled('b', { tier: 'x' })];

    expect(choosePodLabels(pod, [pod, ...others])).toEqual({ matchLabels, isThere: true });
  });

  it.each([
    ['has no labels', aWorkloadPod('tools')],
    ['shares all labels with another pod', labelled('tools', { app: 'web' })],
    [
      'is one of a template, which makes others with the same labels',
      labelled('tools', { app: 'tools' }, true),
    ],
    [
      'has the mark of a pod that it was copied from',
      labelled('tools', { [POD_LABEL]: 'uid-other' }),
    ],
  ])('wants a label of ours on a pod that %s', (_what, pod) => {
    const pods = [pod, labelled('web', { app: 'web' })];

    expect(choosePodLabels(pod, pods)).toEqual({
      matchLabels: { [POD_LABEL]: 'uid-tools' },
      isThere: false,
    });
  });

  it('finds the label of ours that is there already', () => {
    const pod = labelled('tools', { app: 'web', [POD_LABEL]: 'uid-tools' }, true);

    expect(choosePodLabels(pod, [pod])).toEqual({
      matchLabels: { [POD_LABEL]: 'uid-tools' },
      isThere: true,
    });
  });
});
