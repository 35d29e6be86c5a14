// Which claim does mount write?
import { describe, expect, it } from 'vitest';
import { buildClaim, buildClaimName } from '../../../../cli/mount/build-claim.ts';
import { aWorkloadPod } from '../../../builders/workload-pods.ts';

const choice = { matchLabels: { app: 'tools' }, isThere: true };

describe('buildClaim', () => {
  it('leaves out what nobody has given', () => {
    expect(buildClaim(aWorkloadPod('tools'), { bucket: 'photos' }, '/data', choice, {})).toEqual({
      apiVersion: 'dynamicvolume.csi.cloudnative101.net/v1alpha1',
      kind: 'DynamicVolumeClaim',
      metadata: { name: 'tools-data', namespace: 'shop' },
      spec: {
        selector: { matchLabels: { app: 'tools' } },
        mountpoint: '/data',
        s3Config: { bucket: 'photos', endpoint: 'https://s3.us-east-1.amazonaws.com' },
      },
    });
  });

  it('has every flag', () => {
    const storage = { bucket: 'photos', prefix: 'team/data' };
    const flags = {
      class: 'fast',
      endpoint: 'http://s3.storage.svc:9000',
      region: 'eu-central-1',
      readOnly: true,
      name: 'mine',
    };

    const claim = buildClaim(aWorkloadPod('tools'), storage, '/data', choice, flags);

    expect(claim.metadata.name).toBe('mine');
    expect(claim.spec).toMatchObject({
      readOnly: true,
      storageProviderClassName: 'fast',
      s3Config: {
        bucket: 'photos',
        prefix: 'team/data',
        endpoint: 'http://s3.storage.svc:9000',
        region: 'eu-central-1',
      },
    });
  });
});

describe('buildClaimName', () => {
  it.each([
    ['web-0', '/data', 'web-0-data'],
    ['web-0', 'data', 'web-0-data'],
    ['web.0', '/Team_A/data.1', 'web-0-team-a-data-1'],
  ])('calls %s and %s %s', (pod, mountpoint, name) => {
    expect(buildClaimName(pod, mountpoint)).toBe(name);
  });

  it('cuts a long name and keeps it apart from others', () => {
    const [one, other] = ['x', 'y'].map((end) => buildClaimName('p'.repeat(70) + end, '/data'));

    expect(one).toMatch(/^p{54}-[0-9a-f]{8}$/);
    expect(other).not.toBe(one);
  });
});
