// Which classes does the API server refuse, row by row, and with which words?
import { CLASS_PARAMETERS } from '../../api/names.ts';
import { classWith } from './schema-case.ts';
import type { AllowedCase, SchemaCase } from './schema-case.ts';

type Parameter = keyof typeof CLASS_PARAMETERS;

const field = (name: Parameter) => `spec.parameters["${CLASS_PARAMETERS[name]}"]`;

const parameter = (row: number, name: Parameter, value: string, message: string): SchemaCase => ({
  row,
  title: `class: ${name} ${JSON.stringify(value)}`,
  object: classWith({ [name]: value }),
  message: `${field(name)}: ${message}`,
});
const memory = (value: string): SchemaCase =>
  parameter(
    65,
    'memoryLimit',
    value,
    `is not a usable quantity ("${value}"); allowed are quantities above 0, up to 256Gi, such as 50Mi`,
  );
const cpu = (value: string): SchemaCase =>
  parameter(
    65,
    'cpuRequest',
    value,
    `is not a usable quantity ("${value}"); allowed are quantities above 0, up to 64, such as 10m`,
  );
const host = (value: string): SchemaCase => ({
  row: 52,
  title: `class: allowedEndpoints ${JSON.stringify(value)}`,
  object: classWith({}, { allowedEndpoints: [value] }),
  message:
    'spec.allowedEndpoints: an entry is not a host; allowed are HOST[:PORT] and *.DOMAIN[:PORT], without scheme, credentials and path',
});
const unknownKey = (row: number, key: string, value: string): SchemaCase => {
  const object = classWith({});
  const spec = object['spec'] as { parameters: object };
  return {
    row,
    title: `class: parameter ${key}`,
    object: { ...object, spec: { ...spec, parameters: { ...spec.parameters, [key]: value } } },
    message: `spec.parameters: has an unknown key ("${key}"); allowed are ${Object.values(CLASS_PARAMETERS).join(', ')}`,
  };
};

export const REFUSED_CLASSES: SchemaCase[] = [
  {
    row: 33,
    title: 'class: an unknown provider',
    object: classWith({}, { provider: 'nfs' }),
    message: 'spec.provider: Unsupported value: "nfs": supported values: "s3"',
  },
  host('https://s3.example.com'),
  host('s3.example.com/path'),
  host('s3.*.com'),
  host('s3.example.com:0'),
  host('a b'),
  { ...host('user:geheim@s3.example.com'), silentAbout: 'geheim' },
  {
    row: 52,
    title: 'class: an empty list of allowedEndpoints',
    object: classWith({}, { allowedEndpoints: [] }),
    message: 'spec.allowedEndpoints in body should have at least 1 items',
  },
  unknownKey(55, 'dynamicvolume.csi.cloudnative101.net/mount-options', 'suid,dev'),
  parameter(
    55,
    'writeMode',
    'random',
    'is not a write mode ("random"); allowed are sequential and cached',
  ),
  {
    row: 60,
    title: 'class: a name with a dot',
    object: classWith({}, {}, { name: 's3.gold' }),
    message:
      'metadata.name: is not usable for a class ("s3.gold"); allowed are at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit',
  },
  {
    row: 60,
    title: 'class: allowedNamespaces that select nothing',
    object: classWith({}, { allowedNamespaces: {} }),
    message:
      'spec.allowedNamespaces: is empty ({}) and would select no namespace; leave it out to allow all of them, or give at least one label',
  },
  {
    row: 60,
    title: 'class: a bad label in allowedNamespaces',
    object: classWith({}, { allowedNamespaces: { matchLabels: { 'a b': 'c' } } }),
    message: 'spec.allowedNamespaces.matchLabels: has a key that is not a label key',
  },
  {
    row: 63,
    title: 'class: no Secret',
    object: classWith({ secretName: undefined }),
    message: `spec.parameters: "${CLASS_PARAMETERS.secretName}" is missing; give the Secret that holds the credentials`,
  },
  {
    row: 63,
    title: 'class: an empty namespace of the Secret',
    object: classWith({ secretNamespace: '' }),
    message: `spec.parameters: "${CLASS_PARAMETERS.secretNamespace}" is missing; give the Secret that holds the credentials`,
  },
  parameter(63, 'secretName', '../keys', 'is not the name of a Secret ("../keys"); allowed are'),
  parameter(63, 'secretNamespace', 'a.b', 'is not the name of a namespace ("a.b"); allowed are'),
  memory('0'),
  memory('-50Mi'),
  memory('1Ti'),
  memory('many'),
  memory(''),
  cpu('0'),
  cpu('-1'),
  cpu('65'),
  {
    row: 65,
    title: 'class: a memory request above the limit',
    object: classWith({ memoryRequest: '64Mi', memoryLimit: '50Mi' }),
    message: `${field('memoryRequest')}: is more than the limit ("64Mi"); allowed is at most "${CLASS_PARAMETERS.memoryLimit}", which is 50Mi`,
  },
  {
    row: 65,
    title: 'class: a CPU request above the limit',
    object: classWith({ cpuRequest: '1', cpuLimit: '500m' }),
    message: `${field('cpuRequest')}: is more than the limit ("1"); allowed is at most "${CLASS_PARAMETERS.cpuLimit}", which is 500m`,
  },
  parameter(
    65,
    'warmMountPods',
    '11',
    'is not a number of mount pods ("11"); allowed are whole numbers from 0 to 10',
  ),
  parameter(65, 'warmMountPods', '-1', 'is not a number of mount pods ("-1"); allowed are'),
  parameter(65, 'warmMountPods', 'two', 'is not a number of mount pods ("two"); allowed are'),
  unknownKey(66, 'dynamicvolume.csi.cloudnative101.net/mount-image', 'evil:latest'),
  unknownKey(67, 'dynamicvolume.csi.cloudnative101.net/host-network', 'true'),
  {
    row: 67,
    title: 'class: a pod template',
    object: classWith({}, { podTemplate: { spec: { hostPID: true } } }),
    message: 'strict decoding error: unknown field "spec.podTemplate"',
  },
  unknownKey(68, 'LD_PRELOAD', '/tmp/x.so'),
  unknownKey(68, 'AWS_ENDPOINT', 'http://evil.example.com'),
];

export const ALLOWED_CLASSES: AllowedCase[] = [
  {
    row: 63,
    title: 'class: a Secret in another namespace',
    object: classWith({ secretNamespace: 'shop' }),
  },
  {
    row: 65,
    title: 'class: equal request and limit',
    object: classWith({ memoryRequest: '50Mi', memoryLimit: '50Mi', warmMountPods: '10' }),
  },
  {
    row: 52,
    title: 'class: hosts with and without port and wildcard',
    object: classWith(
      {},
      { allowedEndpoints: ['s3.example.com', '*.example.com:9000', '10.0.0.5', '[fd00::5]:80'] },
    ),
  },
  {
    row: 60,
    title: 'class: allowedNamespaces by name',
    object: classWith(
      {},
      {
        allowedNamespaces: {
          matchExpressions: [
            { key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shop'] },
          ],
        },
      },
    ),
  },
];
