// Has a mount pod asked the storage for something that no user wanted?
import { KEPT_SUFFIX } from '../names.ts';
import type { Rule } from '../rule.ts';

/** Everything else changes something. */
const READING = /(Get|Head|List)/;
const FIRST_ERROR = 400;

export const REQUEST_RULES: Rule[] = [
  {
    id: 'I4',
    sentence: 'Mount pods change nothing in buckets whose users only read.',
    graceMs: 0,
    judge: ({ requests, memory }) => {
      const { mountPodAddresses, readOnlyBuckets, writableBuckets } = memory;
      const isReadOnly = (bucket: string) =>
        bucket.endsWith(KEPT_SUFFIX) ||
        (readOnlyBuckets.has(bucket) && !writableBuckets.has(bucket));
      return requests
        .filter(({ address, bucket }) => mountPodAddresses.has(address) && isReadOnly(bucket))
        .map(({ bucket, key, address, operation, status }) => ({
          object: `s3://${bucket}/${key}`,
          marks: [bucket],
          broken:
            READING.test(operation) || status >= FIRST_ERROR
              ? undefined
              : `The mount pod at ${address} asked for ${operation}`,
        }));
    },
  },
];
