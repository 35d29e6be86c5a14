// Which annotations are taken, and what does a refusal say?
import { describe, expect, it } from 'vitest';
import { areNested, parseVolumeRoot } from '../../../admission/volume-root.ts';
import { POD_ANNOTATIONS } from '../../../api/names.ts';

const { className, rootPath, dispatchPolicy, containers } = POD_ANNOTATIONS;

describe('parseVolumeRoot', () => {
  it('finds nothing asked for without annotations of ours', () => {
    expect(parseVolumeRoot({ 'example.com/other': 'x' })).toBeUndefined();
  });

  it('reads class and root path, with the dispatch policy independent', () => {
    expect(parseVolumeRoot({ [className]: 's3-sample', [rootPath]: '/mnt/volumes' })).toEqual({
      className: 's3-sample',
      rootPath: '/mnt/volumes',
      dispatchPolicy: 'independent',
    });
  });

  it.each([
    '/data',
    '/a/b.c/..d',
    '/etcetera',
    '/var/run/secretstore',
    '/home/app/Daten mit Leerzeichen',
  ])('takes the root path %j', (path) => {
    expect(parseVolumeRoot({ [className]: 's3', [rootPath]: path })?.rootPath).toBe(path);
  });

  it.each([
    ['data', 'absolute'],
    ['', 'absolute'],
    ['/', 'below "/"'],
    ['/data/', '"/" at the end'],
    ['//data', '"//"'],
    ['/data/../etc', '".."'],
    ['/data/.', '"."'],
    ['/data:ro', '":"'],
    ['/da\nta', 'control characters'],
    ['/proc', 'directory of the system'],
    ['/sys/fs', 'directory of the system'],
    ['/dev/shm', 'directory of the system'],
    ['/etc', 'directory of the system'],
    ['/var/run/secrets', 'directory of the system'],
    ['/var/run/secrets/kubernetes.io', 'directory of the system'],
    ['/run/secrets/x', 'directory of the system'],
    [`/${'x'.repeat(512)}`, 'at most 512 characters'],
  ])('refuses the root path %j, naming annotation, value and what is allowed', (path, why) => {
    const parse = () => parseVolumeRoot({ [className]: 's3', [rootPath]: path });

    expect(parse).toThrow(why);
    expect(parse).toThrow(`"${rootPath}" is ${JSON.stringify(path)}`);
  });

  it.each(['', 'S3', 's3.sample', '../x', '-s3', 's3-', 'x'.repeat(64)])(
    'refuses the class name %j',
    (name) => {
      expect(() => parseVolumeRoot({ [className]: name, [rootPath]: '/data' })).toThrow(
        `"${className}" is ${JSON.stringify(name)}: it must be the name of a StorageProviderClass`,
      );
    },
  );

  it.each(['independent', 'shared'])('takes the dispatch policy %s', (policy) => {
    const annotations = { [className]: 's3', [rootPath]: '/data', [dispatchPolicy]: policy };

    expect(parseVolumeRoot(annotations)?.dispatchPolicy).toBe(policy);
  });

  it.each(['', 'Shared', 'none', '{"policy":"shared"}'])(
    'refuses the dispatch policy %j',
    (policy) => {
      const annotations = { [className]: 's3', [rootPath]: '/data', [dispatchPolicy]: policy };

      expect(() => parseVolumeRoot(annotations)).toThrow(
        `the annotation "${dispatchPolicy}" is ${JSON.stringify(policy)}: it must be "independent" or "shared", or be left out`,
      );
    },
  );

  it('reads names of containers with and without blanks', () => {
    const annotations = { [className]: 's3', [rootPath]: '/data', [containers]: 'app, proxy' };

    expect(parseVolumeRoot(annotations)?.containers).toEqual(['app', 'proxy']);
  });

  it.each(['', 'app,', ',', 'app;proxy', '["app"]', 'App'])(
    'refuses the list of containers %j',
    (list) => {
      const annotations = { [className]: 's3', [rootPath]: '/data', [containers]: list };

      expect(() => parseVolumeRoot(annotations)).toThrow(
        `the annotation "${containers}" is ${JSON.stringify(list)}: it must be names of containers`,
      );
    },
  );

  it.each([
    [className, rootPath],
    [rootPath, className],
  ])('names the missing annotation when only %s is there', (present, absent) => {
    expect(() => parseVolumeRoot({ [present]: '/data' })).toThrow(
      `the annotation "${absent}" is missing`,
    );
  });
});

describe('areNested', () => {
  it.each([
    ['/a', '/a', true],
    ['/a', '/a/b', true],
    ['/a/b', '/a', true],
    ['/a', '/ab', false],
    ['/a/b', '/a/c', false],
  ])('%s and %s: %s', (a, b, nested) => {
    expect(areNested(a, b)).toBe(nested);
  });
});
