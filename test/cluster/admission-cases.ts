// Which pods are injected, refused, warned about and left alone, whoever does it: the webhook, or policies of the API server?
import { randomBytes } from 'node:crypto';
import { POD_ANNOTATIONS, VOLUME_ATTRIBUTES } from '../../api/names.ts';
import { podByHand, podWith, REFUSED_PODS } from '../bad-input/pod-cases.ts';
import { IMAGE } from './names.ts';

const { className, rootPath, dispatchPolicy, containers } = POD_ANNOTATIONS;
/** The one class that exists. */
export const CLASS = `t-admit-${randomBytes(3).toString('hex')}`;
export const OPTED_IN = { [className]: CLASS, [rootPath]: '/volumes' };
const MIRROR = { 'kubernetes.io/config.mirror': '5f9d' };

export type Outcome = 'injected' | 'left alone' | 'refused' | 'warned';

/** A pod, the annotations of its namespace when that has the injection label, and what becomes of it. */
export interface AdmissionCase {
  title: string;
  outcome: Outcome;
  pod: Record<string, unknown>;
  defaults?: Record<string, string>;
}

const container = (name: string, volumeMounts?: object[]) => ({
  name,
  image: IMAGE,
  ...(volumeMounts && { volumeMounts }),
});
const cacheAt = (mountPath: string) => [{ name: 'cache', mountPath }];
const CACHE = { volumes: [{ name: 'cache', emptyDir: {} }] };
const BY_HAND = podByHand({
  csi: {
    volumeAttributes: {
      [VOLUME_ATTRIBUTES.className]: CLASS,
      [VOLUME_ATTRIBUTES.dispatchPolicy]: 'independent',
    },
  },
});
const byHandSpec = BY_HAND['spec'] as Record<'containers' | 'volumes', object[]>;

const injected = (
  title: string,
  spec: object = {},
  annotations: Record<string, string> = {},
): AdmissionCase => ({
  title,
  outcome: 'injected',
  pod: podWith({ ...OPTED_IN, ...annotations }, { ...spec }),
});
const refused = (title: string, annotations: Record<string, string>, spec: object = {}) => ({
  title,
  outcome: 'refused' as const,
  pod: podWith({ ...OPTED_IN, ...annotations }, { ...spec }),
});

const INJECTED: AdmissionCase[] = [
  injected('a container without mounts'),
  injected('a container with mounts, an init container and a native sidecar', {
    ...CACHE,
    initContainers: [
      container('init'),
      { ...container('sidecar', cacheAt('/cache')), restartPolicy: 'Always' },
    ],
    containers: [container('app', cacheAt('/volumes2')), container('side')],
  }),
  injected('pods that share a mount pod', {}, { [dispatchPolicy]: 'shared' }),
  injected('a root path that begins like a system directory', {}, { [rootPath]: '/etcetera/..x' }),
  injected(
    'the containers that are named, with blanks between them',
    { initContainers: [container('init')], containers: [container('app'), container('app2')] },
    { [containers]: 'app, init' },
  ),
  injected(
    'a pod whose other container mounts at the root path',
    { ...CACHE, containers: [container('app'), container('side', cacheAt('/volumes'))] },
    { [containers]: 'app' },
  ),
  injected('a container that came after the volume', {
    ...byHandSpec,
    containers: [...byHandSpec.containers, container('late')],
  }),
  ...[
    '/volumes/../data',
    '/other/a/..',
    'a/b/../../volumes2',
    '/volumes/a/../../b',
    '/../x/./volumes',
  ].map((path) =>
    injected(`a mount at ${path}`, { ...CACHE, containers: [container('app', cacheAt(path))] }),
  ),
];

const LEFT_ALONE: AdmissionCase[] = [
  { ...injected('a pod that has all of it', byHandSpec), outcome: 'left alone' },
  { title: 'no annotations', outcome: 'left alone', pod: podWith({}) },
  {
    title: 'a list of containers and nothing else',
    outcome: 'left alone',
    pod: podWith({ [containers]: 'Nobody,' }),
  },
  { title: 'the volume by hand', outcome: 'left alone', pod: BY_HAND },
  {
    title: 'the mirror of a static pod',
    outcome: 'left alone',
    pod: podWith({ ...OPTED_IN, ...MIRROR }, { nodeName: 'node1' }),
  },
];

const REFUSED: AdmissionCase[] = [
  ...REFUSED_PODS.map(({ title, pod }) => ({ title, outcome: 'refused' as const, pod })),
  refused('a class that does not exist', { [className]: 'no-such-class' }),
  ...['', 'S3', '-s3', 'x'.repeat(64)].map((name) =>
    refused(`the class ${JSON.stringify(name)}`, { [className]: name }),
  ),
  ...['', '/data/', '//data', '/da\nta', '/data/.', `/${'x'.repeat(512)}`].map((path) =>
    refused(`the root path ${JSON.stringify(path)}`, { [rootPath]: path }),
  ),
  ...['', ',', 'app;proxy', 'App'].map((list) =>
    refused(`the containers ${JSON.stringify(list)}`, { [containers]: list }),
  ),
  ...['/', 'volumes/./x', '/x/../volumes', '/volumes/a/../..', '/..', '/volumes/'].map((path) =>
    refused(`a mount at ${path}`, {}, { ...CACHE, containers: [container('app', cacheAt(path))] }),
  ),
  refused('two faults, of which the first is told', { [rootPath]: '/proc', [containers]: 'x' }),
  refused(
    'a mount in the second container',
    {},
    {
      ...CACHE,
      initContainers: [container('init')],
      containers: [container('app'), container('side', cacheAt('/volumes'))],
    },
  ),
  {
    title: 'two volumes by hand',
    outcome: 'refused',
    pod: podWith(
      {},
      {
        ...byHandSpec,
        volumes: [...byHandSpec.volumes, { ...byHandSpec.volumes[0], name: 'more' }],
      },
    ),
  },
];

const inNamespace = (
  title: string,
  outcome: Outcome,
  defaults: Record<string, string>,
  pod = podWith({}),
): AdmissionCase => ({ title: `${title}, in a namespace that injects`, outcome, pod, defaults });

const OF_NAMESPACE: AdmissionCase[] = [
  inNamespace('no annotations', 'injected', OPTED_IN),
  inNamespace('no policy', 'injected', { ...OPTED_IN, [dispatchPolicy]: 'shared' }),
  inNamespace('a root path', 'injected', OPTED_IN, podWith({ [rootPath]: '/mine' })),
  inNamespace('containers', 'injected', OPTED_IN, podWith({ [containers]: 'app' })),
  inNamespace('class and root path', 'injected', {}, podWith(OPTED_IN)),
  inNamespace('containers of the namespace', 'injected', { ...OPTED_IN, [containers]: 'x' }),
  inNamespace('its volume already', 'left alone', OPTED_IN, BY_HAND),
  inNamespace(
    'another volume by hand',
    'left alone',
    { ...OPTED_IN, [className]: 'gold' },
    BY_HAND,
  ),
  inNamespace('a volume by hand', 'left alone', {}, BY_HAND),
  inNamespace(
    'another volume by hand and containers',
    'refused',
    { ...OPTED_IN, [className]: 'gold' },
    podWith({ [containers]: 'app' }, byHandSpec),
  ),
  inNamespace('a wrong volume by hand', 'refused', OPTED_IN, podByHand({ name: 'mine' })),
  inNamespace('nothing', 'warned', {}),
  inNamespace('no root path', 'warned', { [className]: CLASS }),
  inNamespace('no root path and a class', 'warned', {}, podWith({ [className]: CLASS })),
  inNamespace('a wrong root path of the namespace', 'warned', { ...OPTED_IN, [rootPath]: '/proc' }),
  inNamespace('a wrong policy of the namespace', 'warned', { ...OPTED_IN, [dispatchPolicy]: 'x' }),
  inNamespace('a class of the namespace that does not exist', 'warned', {
    ...OPTED_IN,
    [className]: 'gold',
  }),
  inNamespace('a user namespace', 'warned', OPTED_IN, podWith({}, { hostUsers: false })),
  inNamespace(
    'a user namespace and a class',
    'refused',
    OPTED_IN,
    podWith({ [className]: CLASS }, { hostUsers: false }),
  ),
  inNamespace(
    'a mount in the way',
    'warned',
    OPTED_IN,
    podWith({}, { ...CACHE, containers: [container('app', cacheAt('/volumes'))] }),
  ),
  inNamespace('a wrong root path', 'refused', OPTED_IN, podWith({ [rootPath]: '/proc' })),
  inNamespace('a wrong policy', 'refused', OPTED_IN, podWith({ [dispatchPolicy]: 'x' })),
  inNamespace(
    'a container that is not there',
    'refused',
    OPTED_IN,
    podWith({ [containers]: 'worker' }),
  ),
  inNamespace('a class that does not exist', 'refused', OPTED_IN, podWith({ [className]: 'gold' })),
  inNamespace(
    'the mirror of a static pod',
    'left alone',
    OPTED_IN,
    podWith(MIRROR, { nodeName: 'node1' }),
  ),
];

export const ADMISSION_CASES: readonly AdmissionCase[] = [
  ...INJECTED,
  ...LEFT_ALONE,
  ...REFUSED,
  ...OF_NAMESPACE,
];
