// Can a mount pod's answer pass for figures that it does not hold?
import { describe, expect, it, test } from 'vitest';
import { parseCache, parseFileSystems, parseTotals } from '../../../csi-node/parse-statistics.ts';

const KEY = '0123456789abcdef.fedcba9876543210';
const OTHER = '0123456789abcdef.0000000000000000';
const FS = `${KEY}{aB3_x}:photos/2026/`;

describe('parseTotals', () => {
  it('takes bytes and errors, and counts the files of each source that are read or written', () => {
    const transferring = [
      { name: 'a', srcFs: FS },
      { name: 'b', dstFs: FS },
      { name: 'c', srcFs: `${OTHER}{z}:photos` },
      { name: 'd', srcFs: '/cache' },
      'nonsense',
    ];
    const totals = parseTotals({ bytes: 7, errors: 1, speed: 0.5, transferring });
    expect(totals).toMatchObject({ transferredBytes: 7, errors: 1 });
    expect([...totals.openFiles]).toEqual([
      [KEY, 2],
      [OTHER, 1],
    ]);
  });

  it.for<[unknown]>([[null], [{}], [{ bytes: 1 }], [{ bytes: '1', errors: 0 }], [{ bytes: -1 }]])(
    'refuses %j',
    ([answer]) => expect(() => parseTotals(answer)).toThrow('did not answer with counts'),
  );
});

test('parseFileSystems knows a source by the name of its file system', () => {
  const vfses = [FS, ':s3{x}:photos', 'remote:', 42];
  expect([...parseFileSystems({ vfses })]).toEqual([[KEY, FS]]);
  expect(parseFileSystems(null).size).toBe(0);
});

describe('parseCache', () => {
  it('counts files in upload and files that wait for it', () => {
    const diskCache = { bytesUsed: 100, uploadsInProgress: 1, uploadsQueued: 2, files: 9 };
    expect(parseCache({ diskCache })).toEqual({ cachedBytes: 100, pendingUploads: 3 });
  });

  it.for<[unknown]>([[null], [{}], [{ diskCache: { bytesUsed: 1 } }]])('refuses %j', ([answer]) =>
    expect(() => parseCache(answer)).toThrow('did not answer with counts'),
  );
});
