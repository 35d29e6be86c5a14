// How many bytes is a Kubernetes quantity of memory? (pure)
import { VolumeError } from '../api/errors.ts';

const FACTORS: Record<string, number> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/**
 * Parses `50Mi`, `64M`, `1e8`, `52428800` and the like.
 *
 * @throws VolumeError `CLASS_INVALID` it is not a quantity
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseMemoryBytes(quantity: string): number {
  const match = /^\+?(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(quantity);
  const factor = FACTORS[match?.[3] ?? ''];
  if (!match || factor === undefined) {
    throw new VolumeError('CLASS_INVALID', `"${quantity}" is not a quantity of memory, as 50Mi is`);
  }
  return Math.floor(Number(match[1]) * 10 ** Number(match[2] ?? 0) * factor);
}
