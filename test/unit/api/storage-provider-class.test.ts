// Are the parameters of a class parsed, or refused by name?
import { describe, expect, it } from 'vitest';
import { CLASS_PARAMETERS } from '../../../api/names.ts';
import { parseClassParameters } from '../../../api/storage-provider-class.ts';

function aClass(parameters: Record<string, string>) {
  const secret = {
    [CLASS_PARAMETERS.secretName]: 'keys',
    [CLASS_PARAMETERS.secretNamespace]: 'ns',
  };
  return {
    metadata: { name: 'c', uid: 'u', generation: 1, resourceVersion: '1' },
    spec: { provider: 's3' as const, parameters: { ...secret, ...parameters } },
  };
}

describe('parseClassParameters', () => {
  it('reads the Secret and the resources', () => {
    const parsed = parseClassParameters(
      aClass({ [CLASS_PARAMETERS.cpuLimit]: '10m', [CLASS_PARAMETERS.memoryRequest]: '50Mi' }),
    );

    expect(parsed).toEqual({
      secret: { namespace: 'ns', name: 'keys' },
      resources: { requests: { memory: '50Mi' }, limits: { cpu: '10m' } },
      writeMode: 'sequential',
      warmMountPods: 0,
    });
  });

  it('reads the write mode and the size of the warm pool', () => {
    const parameters = {
      [CLASS_PARAMETERS.writeMode]: 'cached',
      [CLASS_PARAMETERS.warmMountPods]: '10',
    };

    expect(parseClassParameters(aClass(parameters))).toMatchObject({
      writeMode: 'cached',
      warmMountPods: 10,
    });
  });

  it.each([
    ['an unknown key', { other: 'x' }, '"other"'],
    ['a missing Secret', { [CLASS_PARAMETERS.secretName]: '' }, CLASS_PARAMETERS.secretName],
    ['a write mode', { [CLASS_PARAMETERS.writeMode]: 'random' }, '"random"; allowed are'],
    ['a pool of 11', { [CLASS_PARAMETERS.warmMountPods]: '11' }, '"11"; allowed are'],
    ['a pool of -1', { [CLASS_PARAMETERS.warmMountPods]: '-1' }, '"-1"; allowed are'],
  ])('refuses %s and names it', (_title, parameters, named) => {
    expect(() => parseClassParameters(aClass(parameters))).toThrow(named);
  });
});
