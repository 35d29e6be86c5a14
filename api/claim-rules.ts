// Which claims does the API server refuse, and with which sentence? (CEL)
import { buildSelectorRules } from './selector-rules.ts';
import type { RulesAt, ValidationRule } from './structural-schema.ts';
import { explain } from './validation-message.ts';

const NAME_RULES: ValidationRule[] = [
  {
    rule: 'self.metadata.name.size() <= 63',
    message: 'metadata.name: is too long; allowed are at most 63 characters',
  },
];

const MOUNTPOINT_RULES: ValidationRule[] = [
  {
    rule: "self.matches('^/?[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,7}$')",
    ...explain(
      'spec.mountpoint',
      'is not a path below the volume root',
      'allowed are 1 to 8 segments of letters, digits, ".", "_" and "-", each starting with a letter or digit, such as /data',
    ),
  },
  {
    rule: "self.split('/').all(segment, segment.size() <= 255)",
    message: 'spec.mountpoint: a segment is too long; allowed are at most 255 characters',
  },
  {
    rule: "(self.startsWith('/') ? self.substring(1) : self) == (oldSelf.startsWith('/') ? oldSelf.substring(1) : oldSelf)",
    messageExpression:
      "'spec.mountpoint: cannot be changed (from \"' + oldSelf + '\" to \"' + self + '\"); create a new claim instead'",
  },
];

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET_RULES: ValidationRule[] = [
  {
    rule: "self.matches('^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$') && !self.contains('..')",
    ...explain(
      'spec.s3Config.bucket',
      'is not a bucket name',
      'allowed are 3 to 63 lower-case letters, digits, "-" and single ".", starting and ending with a letter or digit; a folder of the bucket is named in spec.s3Config.prefix',
    ),
  },
  {
    rule: "!self.matches('^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$')",
    ...explain(
      'spec.s3Config.bucket',
      'looks like an IP address',
      'allowed are names with at least one letter',
    ),
  },
  {
    rule: "!self.matches('^(xn--|sthree-|amzn-s3-demo-)') && !self.matches('(-s3alias|--ol-s3|[.]mrap|--x-s3)$')",
    ...explain(
      'spec.s3Config.bucket',
      'is a name that S3 reserves',
      'allowed are names that do not begin with xn--, sthree- or amzn-s3-demo- and do not end with -s3alias, --ol-s3, .mrap or --x-s3',
    ),
  },
];

const PREFIX_RULES: ValidationRule[] = [
  {
    rule: "self == '' || self.matches('^[^/\\\\p{Cc}\\\\p{Cf}]+(/[^/\\\\p{Cc}\\\\p{Cf}]+)*$') && !self.matches('(^|/)[.]{1,2}(/|$)')",
    ...explain(
      'spec.s3Config.prefix',
      'is not a folder of a bucket',
      'allowed are segments with single "/" between them, none of them "." or "..", without "/" at the ends and without control characters, such as team/data',
    ),
  },
  {
    rule: 'bytes(self).size() <= 1024',
    message: 'spec.s3Config.prefix: is too long; allowed are at most 1024 bytes of UTF-8',
  },
];

const REGION_RULES: ValidationRule[] = [
  {
    rule: "self.matches('^[A-Za-z0-9][A-Za-z0-9-]*$')",
    ...explain(
      'spec.s3Config.region',
      'is not the name of a region',
      'allowed are letters, digits and "-", starting with a letter or digit, such as eu-central-1',
    ),
  },
];

const HOST = '([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[[][0-9A-Fa-f:.]+[]])';
const PORT =
  '([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])';

/**
 * On the object, not on the string: the API server repeats a string that a rule refuses, and a URL of the
 * wrong shape may hold a password.
 */
const ENDPOINT_RULES: ValidationRule[] = [
  {
    rule: `self.endpoint.matches('^https?://${HOST}(:[0-9]*)?/?$')`,
    message:
      'spec.s3Config.endpoint: is not the URL of a server; allowed are http://HOST[:PORT] and https://HOST[:PORT], without credentials, path or query',
  },
  {
    rule: `!self.endpoint.matches('^https?://${HOST}:[0-9]*/?$') || self.endpoint.matches(':${PORT}/?$')`,
    message: 'spec.s3Config.endpoint: the port is not usable; allowed are 1 to 65535',
  },
];

const CLASS_NAME_RULES: ValidationRule[] = [
  {
    rule: "self.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
    ...explain(
      'spec.storageProviderClassName',
      'is not the name of a StorageProviderClass',
      'allowed are at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit',
    ),
  },
];

/** Rules of `DynamicVolumeClaim`. */
export const CLAIM_RULES: RulesAt[] = [
  { at: [], rules: NAME_RULES },
  { at: ['spec', 'mountpoint'], rules: MOUNTPOINT_RULES },
  { at: ['spec', 's3Config', 'bucket'], rules: BUCKET_RULES },
  { at: ['spec', 's3Config', 'prefix'], rules: PREFIX_RULES },
  { at: ['spec', 's3Config', 'region'], rules: REGION_RULES },
  { at: ['spec', 's3Config'], rules: ENDPOINT_RULES },
  { at: ['spec', 'storageProviderClassName'], rules: CLASS_NAME_RULES },
  ...buildSelectorRules(
    ['spec', 'selector'],
    'would select every pod; give at least one label in matchLabels or matchExpressions',
  ),
];
