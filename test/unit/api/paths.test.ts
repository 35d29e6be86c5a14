// Do paths never hold what a caller chose?
import { describe, expect, it } from 'vitest';
import { buildWorkflowId } from '../../../api/names.ts';
import {
  buildHostVolumeDir,
  buildMountPodRunDir,
  buildVolumeUuid,
  KUBELET_DIR,
  parseHostVolumeDir,
  parseMountpoint,
} from '../../../api/paths.ts';

describe('buildHostVolumeDir', () => {
  const volume = { className: 's3-sample', volumeId: '../../etc', podUid: 'uid-1' };

  it('puts a UUID of the volume id between class and pod UID', () => {
    expect(buildHostVolumeDir(volume)).toMatch(
      /^\/var\/lib\/dynamic\/xvols\/s3-sample\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/uid-1$/,
    );
  });

  it('gives one volume id always the same UUID and two ids different ones', () => {
    expect(buildVolumeUuid('csi-1')).toBe(buildVolumeUuid('csi-1'));
    expect(buildVolumeUuid('csi-1')).not.toBe(buildVolumeUuid('csi-2'));
  });

  it('is read back by parseHostVolumeDir, which knows no other path', () => {
    expect(parseHostVolumeDir(buildHostVolumeDir(volume))).toEqual({ podUid: 'uid-1' });
    expect(parseHostVolumeDir(`${buildHostVolumeDir(volume)}/data`)).toBeUndefined();
    expect(parseHostVolumeDir('/var/lib/dynamic/stage/x')).toBeUndefined();
  });
});

describe('buildMountPodRunDir', () => {
  it('lies below the folder of the kubelet, wherever that is', () => {
    const below = '/pods/uid-1/volumes/kubernetes.io~empty-dir/run';

    expect(buildMountPodRunDir('uid-1', KUBELET_DIR)).toBe(`/var/lib/kubelet${below}`);
    expect(buildMountPodRunDir('uid-1', '/var/lib/k0s/kubelet')).toBe(
      `/var/lib/k0s/kubelet${below}`,
    );
  });
});

describe('parseMountpoint', () => {
  it.each([
    ['/data', 'data'],
    ['data', 'data'],
    ['/a/b', 'a/b'],
  ])('reads %s as %s', (written, meant) => {
    expect(parseMountpoint(written)).toBe(meant);
  });
});

describe('buildWorkflowId', () => {
  it('drops the name when the id would pass 255 characters', () => {
    const claim = { namespace: 'n'.repeat(63), name: 'x'.repeat(253), uid: 'u'.repeat(36) };

    expect(buildWorkflowId({ ...claim, name: 'data' })).toBe(
      `dvc/${claim.namespace}/data/${claim.uid}`,
    );
    expect(buildWorkflowId(claim)).toBe(`dvc/${claim.namespace}/${claim.uid}`);
  });
});
