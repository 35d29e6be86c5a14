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
    metadata: { name: 'c', uid: 'u', generation: 1 },
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
    });
  });

  it.each([
    ['an unknown key', { other: 'x' }, '"other"'],
    ['a missing Secret', { [CLASS_PARAMETERS.secretName]: '' }, CLASS_PARAMETERS.secretName],
  ])('refuses %s and names it', (_title, parameters, named) => {
    expect(() => parseClassParameters(aClass(parameters))).toThrow(named);
  });
});
