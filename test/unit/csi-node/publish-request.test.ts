// Is every forged or broken publish request refused?
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VolumeError } from '../../../api/errors.ts';
import {
  buildVolumeHandle,
  checkVolumeId,
  type NodePublishVolumeRequest,
  parsePublishRequest,
  parseTargetPath,
} from '../../../csi-node/publish-request.ts';

const KUBELET = '/var/lib/kubelet';
const UID = '6e3c1a52-8c5a-4a6b-9a53-0d4d8b1f6a11';
const target = (uid = UID, volume = 'root') =>
  `${KUBELET}/pods/${uid}/volumes/kubernetes.io~csi/${volume}/mount`;

const good: NodePublishVolumeRequest = {
  volumeId: buildVolumeHandle(UID, 'root'),
  targetPath: target(),
  volumeCapability: { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } },
  volumeContext: {
    'csi.storage.k8s.io/ephemeral': 'true',
    'csi.storage.k8s.io/pod.uid': UID,
    'csi.storage.k8s.io/pod.name': 'web-0',
    'csi.storage.k8s.io/pod.namespace': 'default',
    storageProviderClass: 'class-a',
  },
};
const context = (change: Record<string, string>) => ({
  volumeContext: { ...good.volumeContext, ...change },
});

function without(key: string): Partial<NodePublishVolumeRequest> {
  const { [key]: _, ...volumeContext } = good.volumeContext;
  return { volumeContext };
}

describe('parsePublishRequest', () => {
  test('gives the host volume dir of class, volume and pod', () => {
    const { hostVolumeDir, target: parsed } = parsePublishRequest(good, KUBELET);
    expect(hostVolumeDir).toMatch(
      new RegExp(`^/var/lib/dynamic/xvols/class-a/[0-9a-f-]{36}/${UID}$`),
    );
    expect(parsed).toEqual({ path: target(), podUid: UID, volumeName: 'root' });
  });

  test.for<[string, Partial<NodePublishVolumeRequest>, RegExp]>([
    ['no volume id', { volumeId: '' }, /volume_id/],
    ['a long volume id', { volumeId: 'x'.repeat(129) }, /volume_id/],
    ['a volume id that is a path', { volumeId: '../../etc' }, /volume_id/],
    ['no target path', { targetPath: '' }, /target_path/],
    ['a relative target path', { targetPath: 'pods/x' }, /target_path/],
    ['a target path of another pod', { targetPath: target('other') }, /target_path/],
    ['a target path with ..', { targetPath: target('..') }, /target_path/],
    ['a target path that is too deep', { targetPath: `${target()}/x` }, /target_path/],
    ['no capability', { volumeCapability: null }, /volume_capability/],
    ['block access', { volumeCapability: { block: {} } }, /block/],
    ['no access type', { volumeCapability: {} }, /volume_capability/],
    ['a persistent volume', context({ 'csi.storage.k8s.io/ephemeral': 'false' }), /ephemeral/],
    ['no pod info', without('csi.storage.k8s.io/pod.uid'), /podInfoOnMount/],
    ['a foreign pod', context({ 'csi.storage.k8s.io/pod.uid': 'other' }), /another pod/],
    ['no class', without('storageProviderClass'), /storageProviderClass/],
    ['a class that is a path', context({ storageProviderClass: '../x' }), /DNS label/],
    ['a class with a capital', context({ storageProviderClass: 'Class' }), /DNS label/],
  ])('refuses %s', ([, change, message]) => {
    const parse = () => parsePublishRequest({ ...good, ...change }, KUBELET);
    expect(parse).toThrow(VolumeError);
    expect(parse).toThrow(message);
  });
});

describe('parseTargetPath', () => {
  test('never accepts a path that leaves the pods folder', () => {
    const segment = fc.constantFrom(
      '..',
      '.',
      '',
      'a',
      UID,
      'volumes',
      'kubernetes.io~csi',
      'mount',
    );
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
        const parsed = parseTargetPath(`${KUBELET}/pods/${segments.join('/')}`, KUBELET);
        expect(parsed !== undefined && segments.includes('..')).toBe(false);
      }),
    );
  });
});

test('buildVolumeHandle is what the kubelet derives', () => {
  const sha256OfUidvol = '59a84980f8ef4826da54c7ced3605cf80e85f6bb08948be904a09383f8317b93';
  expect(buildVolumeHandle('uid', 'vol')).toBe(`csi-${sha256OfUidvol}`);
});

test('checkVolumeId accepts 128 characters', () => {
  expect(() => checkVolumeId('x'.repeat(128))).not.toThrow();
});
