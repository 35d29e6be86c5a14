// Which pod and mountpoint does the second argument of mount name?
import { describe, expect, it } from 'vitest';
import { buildMountpoint, parsePodPath } from '../../../../cli/mount/pod-path.ts';

describe('parsePodPath', () => {
  it.each([
    ['web-0:/data', { pod: 'web-0', path: '/data' }],
    ['web-0:data', { pod: 'web-0', path: 'data' }],
    ['pod/web-0:/data', { pod: 'web-0', path: '/data' }],
    ['pods/web.0:/volumes/data', { pod: 'web.0', path: '/volumes/data' }],
  ])('reads %s', (text, target) => {
    expect(parsePodPath(text)).toEqual(target);
  });

  it.each(['web-0', 'web-0:', ':/data', 'deployment/web:/data', ''])('refuses "%s"', (text) => {
    expect(() => parsePodPath(text)).toThrow('give it as POD:/PATH, such as web-0:/data');
  });
});

describe('buildMountpoint', () => {
  it.each([
    ['/data', '/data'],
    ['data', '/data'],
    ['/data/', '/data'],
    ['/volumes/data', '/data'],
    ['/volumes/team/data/', '/team/data'],
    ['/volumesother/data', '/volumesother/data'],
  ])('takes %s for the mountpoint %s of a volume root /volumes', (path, mountpoint) => {
    expect(buildMountpoint(path, '/volumes')).toBe(mountpoint);
  });

  it.each(['/', '/volumes', '/volumes/'])('refuses %s, which is the volume root itself', (path) => {
    expect(() => buildMountpoint(path, '/volumes')).toThrow(
      'is the volume root of the pod; name a folder in it, such as /volumes/data',
    );
  });
});
