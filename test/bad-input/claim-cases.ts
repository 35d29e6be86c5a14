// Which claims does the API server refuse, row by row, and with which words?
import { claimWith, s3With } from './schema-case.ts';
import type { AllowedCase, SchemaCase } from './schema-case.ts';

const MOUNTPOINT = (shown: string) =>
  `spec.mountpoint: is not a path below the volume root ("${shown}"); allowed are 1 to 8 segments of letters, digits, ".", "_" and "-", each starting with a letter or digit, such as /data`;
/** Without the value, which holds a line break. */
const MOUNTPOINT_UNSHOWN =
  'spec.mountpoint: is not a path below the volume root; allowed are 1 to 8 segments';
const BUCKET = (shown: string) =>
  `spec.s3Config.bucket: is not a bucket name ("${shown}"); allowed are 3 to 63 lower-case letters, digits, "-" and single ".", starting and ending with a letter or digit; a folder of the bucket is named in spec.s3Config.prefix`;
const RESERVED = (shown: string) =>
  `spec.s3Config.bucket: is a name that S3 reserves ("${shown}"); allowed are names that do not begin with xn--, sthree- or amzn-s3-demo- and do not end with -s3alias, --ol-s3, .mrap or --x-s3`;
const PREFIX = (shown: string) =>
  `spec.s3Config.prefix: is not a folder of a bucket ("${shown}"); allowed are segments with single "/" between them, none of them "." or "..", without "/" at the ends and without control characters, such as team/data`;
const REGION = (shown: string) =>
  `spec.s3Config.region: is not the name of a region ("${shown}"); allowed are letters, digits and "-", starting with a letter or digit, such as eu-central-1`;
const ENDPOINT =
  'spec.s3Config.endpoint: is not the URL of a server; allowed are http://HOST[:PORT] and https://HOST[:PORT], without credentials, path or query';
const PORT = 'spec.s3Config.endpoint: the port is not usable; allowed are 1 to 65535';
const OPERATOR_VALUES =
  'spec.selector.matchExpressions: values do not fit the operator; In and NotIn need at least one value, Exists and DoesNotExist none';
const KEY = 'allowed are at most 63 letters, digits, "-", "_" and ".", beginning and ending with';

const mountpoint = (row: number, value: string, message = MOUNTPOINT(value)): SchemaCase => ({
  row,
  title: `mountpoint ${JSON.stringify(value).slice(0, 40)}`,
  object: claimWith({ mountpoint: value }),
  message,
});
const s3 = (row: number, field: string, value: string, message: string): SchemaCase => ({
  row,
  title: `${field} ${JSON.stringify(value).slice(0, 60)}`,
  object: s3With({ [field]: value }),
  message,
});
const selector = (row: number, title: string, value: unknown, message: string): SchemaCase => ({
  row,
  title: `selector: ${title}`,
  object: claimWith({ selector: value }),
  message,
});
const expression = (key: string, operator: string, values?: string[]) => ({
  matchExpressions: [{ key, operator, ...(values ? { values } : {}) }],
});

export const REFUSED_CLAIMS: SchemaCase[] = [
  {
    row: 1,
    title: 'no mountpoint',
    object: claimWith({ mountpoint: undefined }),
    message: 'spec.mountpoint: Required value',
  },
  mountpoint(1, '', 'spec.mountpoint in body should be at least 1 chars long'),
  mountpoint(2, '.'),
  mountpoint(2, './a'),
  mountpoint(3, '..'),
  mountpoint(3, 'a/../b'),
  mountpoint(3, 'a/..'),
  mountpoint(5, '/'),
  mountpoint(6, 'data/'),
  mountpoint(6, 'a//b'),
  mountpoint(7, 'a\u0000b'),
  mountpoint(7, 'a\nb', MOUNTPOINT_UNSHOWN),
  mountpoint(7, 'a\tb'),
  mountpoint(8, 'a b'),
  mountpoint(8, 'a\\b'),
  mountpoint(8, 'a\\040b'),
  mountpoint(9, 'dätä'),
  mountpoint(9, 'a\u202eb'),
  mountpoint(10, `a/${'b'.repeat(256)}`, 'spec.mountpoint: a segment is too long; allowed are at'),
  mountpoint(10, 'a'.repeat(513), 'spec.mountpoint: Too long: may not be more than 512 bytes'),
  mountpoint(10, 'a/b/c/d/e/f/g/h/i'),
  mountpoint(11, '-a'),
  mountpoint(11, 'a/-rf'),
  mountpoint(12, 'a,suid'),
  mountpoint(12, 'a=b'),
  mountpoint(12, 'a:b'),
  mountpoint(13, '$(id)'),
  mountpoint(13, '`x`'),
  mountpoint(13, ';rm'),
  mountpoint(14, '%2e%2e'),
  mountpoint(15, '.dynamic'),
  mountpoint(15, 'lost+found'),
  {
    row: 22,
    title: 'mountpoint 7',
    object: claimWith({ mountpoint: 7 }),
    message: 'spec.mountpoint in body must be of type string: "integer"',
  },
  {
    row: 22,
    title: 'a list for mountpoint',
    object: claimWith({ mountpoint: ['data'] }),
    message: 'spec.mountpoint in body must be of type string: "array"',
  },
  {
    row: 22,
    title: 'null for mountpoint',
    object: claimWith({ mountpoint: null }),
    message: 'spec.mountpoint: Required value',
  },
  selector(
    23,
    'empty',
    {},
    'spec.selector: is empty ({}) and would select every pod; give at least one label in matchLabels or matchExpressions',
  ),
  selector(
    23,
    'empty parts',
    { matchLabels: {}, matchExpressions: [] },
    'spec.selector: is empty ({}) and would select every pod',
  ),
  selector(
    24,
    'operator Like',
    expression('app', 'Like', ['w']),
    'Unsupported value: "Like": supported values: "In", "NotIn", "Exists", "DoesNotExist"',
  ),
  selector(25, 'In without values', expression('app', 'In', []), OPERATOR_VALUES),
  selector(25, 'NotIn without values', expression('app', 'NotIn'), OPERATOR_VALUES),
  selector(25, 'Exists with values', expression('app', 'Exists', ['web']), OPERATOR_VALUES),
  selector(
    26,
    'a key with a space',
    expression('a b', 'Exists'),
    'spec.selector.matchExpressions.key: is not a label key ("a b"); allowed are at most 63 letters',
  ),
  selector(
    26,
    'a key of 64 characters',
    expression('a'.repeat(64), 'Exists'),
    'spec.selector.matchExpressions.key: is not a label key',
  ),
  selector(
    26,
    'a prefix of 254 characters',
    expression(`${'a'.repeat(254)}/b`, 'Exists'),
    'spec.selector.matchExpressions.key: is not a label key',
  ),
  selector(
    26,
    'a bad key in matchLabels',
    { matchLabels: { '-app': 'web' } },
    `spec.selector.matchLabels: has a key that is not a label key; ${KEY}`,
  ),
  selector(
    27,
    'a value with a space',
    { matchLabels: { app: 'a b' } },
    `spec.selector.matchLabels: is not a label value ("a b"); ${KEY}`,
  ),
  selector(
    27,
    'a value of 64 characters',
    { matchLabels: { app: 'a'.repeat(64) } },
    'spec.selector.matchLabels.app: Too long: may not be more than 63 bytes',
  ),
  selector(
    27,
    'a bad value in an expression',
    expression('app', 'In', ['web', '-x']),
    'spec.selector.matchExpressions.values: is not a label value ("-x")',
  ),
  selector(
    28,
    '17 requirements',
    {
      matchExpressions: Array.from({ length: 17 }, (_, i) => ({
        key: `k${i}`,
        operator: 'Exists',
      })),
    },
    'spec.selector.matchExpressions: Too many: 17: must have at most 16 items',
  ),
  selector(
    28,
    '65 values',
    expression(
      'app',
      'In',
      Array.from({ length: 65 }, (_, i) => `v${i}`),
    ),
    'must have at most 64 items',
  ),
  {
    row: 32,
    title: 'an unknown field',
    object: claimWith({ mountPiont: '/data' }),
    message: 'strict decoding error: unknown field "spec.mountPiont"',
  },
  {
    row: 33,
    title: 'an unknown provider',
    object: claimWith({ storageProvider: 'nfs' }),
    message: 'spec.storageProvider: Unsupported value: "nfs": supported values: "s3"',
  },
  {
    row: 33,
    title: 'no provider block',
    object: claimWith({ s3Config: undefined }),
    message: 'spec.s3Config: Required value',
  },
  {
    row: 34,
    title: 'no bucket',
    object: claimWith({ s3Config: { endpoint: 'https://s3.example.com' } }),
    message: 'spec.s3Config.bucket: Required value',
  },
  s3(35, 'bucket', 'ab', 'spec.s3Config.bucket in body should be at least 3 chars long'),
  s3(35, 'bucket', 'a'.repeat(64), 'spec.s3Config.bucket: Too long: may not be more than 63 bytes'),
  s3(36, 'bucket', 'Photos', BUCKET('Photos')),
  s3(36, 'bucket', 'my_photos', BUCKET('my_photos')),
  s3(
    37,
    'bucket',
    '192.168.5.4',
    'spec.s3Config.bucket: looks like an IP address ("192.168.5.4"); allowed are names with at least one letter',
  ),
  s3(38, 'bucket', 'a..b', BUCKET('a..b')),
  s3(38, 'bucket', '-ab', BUCKET('-ab')),
  s3(38, 'bucket', 'ab-', BUCKET('ab-')),
  s3(39, 'bucket', 'xn--photos', RESERVED('xn--photos')),
  s3(39, 'bucket', 'sthree-photos', RESERVED('sthree-photos')),
  s3(39, 'bucket', 'amzn-s3-demo-photos', RESERVED('amzn-s3-demo-photos')),
  s3(39, 'bucket', 'photos-s3alias', RESERVED('photos-s3alias')),
  s3(39, 'bucket', 'photos--ol-s3', RESERVED('photos--ol-s3')),
  s3(39, 'bucket', 'photos.mrap', RESERVED('photos.mrap')),
  s3(39, 'bucket', 'photos--x-s3', RESERVED('photos--x-s3')),
  s3(40, 'bucket', 'photos/2026', BUCKET('photos/2026')),
  s3(40, 'bucket', 'arn:aws:s3:::photos', BUCKET('arn:aws:s3:::photos')),
  s3(40, 'bucket', 's3://photos', BUCKET('s3://photos')),
  s3(41, 'prefix', '../other', PREFIX('../other')),
  s3(41, 'prefix', 'a/./b', PREFIX('a/./b')),
  s3(41, 'prefix', '/team', PREFIX('/team')),
  s3(41, 'prefix', 'team/', PREFIX('team/')),
  s3(41, 'prefix', 'a//b', PREFIX('a//b')),
  s3(41, 'prefix', 'a\tb', PREFIX('a\tb')),
  s3(41, 'prefix', 'a\nb', 'spec.s3Config.prefix: is not a folder of a bucket; allowed are'),
  s3(
    41,
    'prefix',
    'a'.repeat(1025),
    'spec.s3Config.prefix: Too long: may not be more than 1024 bytes',
  ),
  s3(
    41,
    'prefix',
    'ä'.repeat(600),
    'spec.s3Config.prefix: is too long; allowed are at most 1024 bytes of UTF-8',
  ),
  s3(42, 'endpoint', 'not a url', ENDPOINT),
  s3(42, 'endpoint', 'https://s3 example', ENDPOINT),
  s3(42, 'endpoint', 'https://s3\r\nHost: x', ENDPOINT),
  s3(42, 'endpoint', 's3.example.com', ENDPOINT),
  s3(
    42,
    'endpoint',
    `https://${'a'.repeat(2048)}`,
    'spec.s3Config.endpoint: Too long: may not be more than 2048 bytes',
  ),
  s3(43, 'endpoint', 'file:///etc/passwd', ENDPOINT),
  s3(43, 'endpoint', 'ftp://s3.example.com', ENDPOINT),
  s3(43, 'endpoint', 'unix:/run/s3.sock', ENDPOINT),
  s3(43, 'endpoint', 'javascript:alert(1)', ENDPOINT),
  {
    ...s3(44, 'endpoint', 'https://user:geheim@s3.example.com', ENDPOINT),
    title: 'an endpoint with user and password',
    silentAbout: 'geheim',
  },
  s3(45, 'endpoint', 'https://s3.example.com/path', ENDPOINT),
  s3(45, 'endpoint', 'https://s3.example.com?x=1', ENDPOINT),
  s3(45, 'endpoint', 'https://s3.example.com#x', ENDPOINT),
  s3(51, 'endpoint', 'https://s3.example.com:0', PORT),
  s3(51, 'endpoint', 'https://s3.example.com:', PORT),
  s3(51, 'endpoint', 'https://s3.example.com:65536', PORT),
  s3(51, 'endpoint', 'https://s3.example.com:099', PORT),
  {
    row: 53,
    title: 'readOnly "yes"',
    object: claimWith({ readOnly: 'yes' }),
    message: 'spec.readOnly in body must be of type boolean: "string"',
  },
  s3(57, 'region', 'eu central', REGION('eu central')),
  s3(57, 'region', '-eu', REGION('-eu')),
  s3(57, 'region', 'eu_central', REGION('eu_central')),
  s3(57, 'region', 'eu/../x', REGION('eu/../x')),
  s3(57, 'region', '', 'spec.s3Config.region in body should be at least 1 chars long'),
  {
    row: 59,
    title: 'a name of 64 characters',
    object: claimWith({}, { name: 'a'.repeat(64) }),
    message: 'metadata.name: is too long; allowed are at most 63 characters',
  },
  {
    row: 60,
    title: 'a class name in capitals',
    object: claimWith({ storageProviderClassName: 'Gold' }),
    message:
      'spec.storageProviderClassName: is not the name of a StorageProviderClass ("Gold"); allowed are at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit',
  },
];

/** Odd, and accepted: DESIGN section 8, the samples, or Kubernetes' own rules want it so. */
export const ALLOWED_CLAIMS: AllowedCase[] = [
  { row: 4, title: 'mountpoint "/data"', object: claimWith({ mountpoint: '/data' }) },
  { row: 4, title: 'mountpoint "data"', object: claimWith({ mountpoint: 'data' }) },
  {
    row: 27,
    title: 'an empty label value',
    object: claimWith({ selector: { matchLabels: { app: '' } } }),
  },
  { row: 33, title: 'no storageProvider', object: claimWith({ storageProvider: undefined }) },
  { row: 41, title: 'an empty prefix', object: s3With({ prefix: '' }) },
  { row: 41, title: 'prefix "Fotos für …/2026"', object: s3With({ prefix: 'Fotos für …/2026' }) },
  { row: 43, title: 'http', object: s3With({ endpoint: 'http://s3.example.com' }) },
  { row: 50, title: 'a Service', object: s3With({ endpoint: 'https://s3.storage.svc' }) },
  { row: 50, title: 'a pod address', object: s3With({ endpoint: 'http://10.88.0.10:7070' }) },
  { row: 51, title: 'port 6443', object: s3With({ endpoint: 'https://s3.example.com:6443' }) },
  { row: 51, title: 'port 65535', object: s3With({ endpoint: 'https://s3.example.com:65535/' }) },
  { row: 57, title: 'region "RegionOne"', object: s3With({ region: 'RegionOne' }) },
];
