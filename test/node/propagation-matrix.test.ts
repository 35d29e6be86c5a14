// Who sees what of mounts that the agent, the host and containers of each mountPropagation make in a volume root?
// (the matrix of Kubernetes' test/e2e/node/mount_propagation.go)
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildHostVolumeDir, STAGE_DIR } from '../../api/paths.ts';
import { VOLUME_ROOT, type Workload } from './host.ts';
import { type Attachment, buildSourceKey, Lab, type Pod } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.make();
  lab.storage.makeBucket('images', { 'hello.txt': 'hello\n' });
  lab.storage.makeBucket('twin', { 'hello.txt': 'twin\n' });
  await lab.startAgent();
});

afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => lab.closeCallers());

/** What `mountPropagation` of a volumeMount becomes (CRI). */
const PROPAGATIONS = {
  HostToContainer: 'rslave',
  Bidirectional: 'rshared',
  None: 'rprivate',
} as const;
type Propagation = keyof typeof PROPAGATIONS;

interface Scene {
  pod: Pod;
  hostVolumeDir: string;
  containers: Record<Propagation, Workload>;
}

/** A published pod with a container of each kind. */
async function makeScene(): Promise<Scene> {
  const pod = lab.makePod();
  await lab.publish(pod);
  const start = (propagation: Propagation) =>
    lab.startWorkload(pod, { propagation: PROPAGATIONS[propagation] });
  const { volumeId } = pod.publishRequest;
  return {
    pod,
    hostVolumeDir: buildHostVolumeDir({ className: 'lab-class', volumeId, podUid: pod.uid }),
    containers: {
      HostToContainer: await start('HostToContainer'),
      Bidirectional: await start('Bidirectional'),
      None: await start('None'),
    },
  };
}

/** Names of what is mounted below a directory, by a mount table. */
function listBelow(mountinfo: string, directory: string): string[] {
  const points = mountinfo.split('\n').map((row) => row.split(' ')[4] ?? '');
  const below = points.filter((point) => point.startsWith(`${directory}/`));
  return below.map((point) => point.slice(directory.length + 1)).sort();
}

async function listSeen(viewer: Workload): Promise<string[]> {
  return listBelow((await viewer.exec(['cat', '/proc/self/mountinfo'])).stdout, VOLUME_ROOT);
}

/** Ends the containers, as the kubelet does before it unpublishes. */
async function stopAll({ containers }: Scene): Promise<void> {
  for (const container of Object.values(containers)) await container.stop('SIGKILL');
}

/** A mount of its own, by whoever may mount there. */
const buildMount = (place: string) => ['mount', '-t', 'tmpfs', 'of-a-test', place];

/** Everybody mounts something in the volume root, at a place that is named for them. */
async function mountEverything({ pod, hostVolumeDir, containers }: Scene): Promise<void> {
  const mountPod = await lab.startMountPod();
  const attachment = { pod, mountPod, s3: lab.storage.bucket('images'), mountpoint: 'Agent' };
  expect((await lab.attachResult(attachment)).code).toBe('PROPAGATION_MISSING');
  for (const name of ['Host', ...Object.keys(containers)])
    await lab.host.exec(['mkdir', `${hostVolumeDir}/${name}`]);
  await lab.host.exec(buildMount(`${hostVolumeDir}/Host`));
  for (const [name, container] of Object.entries(containers))
    expect((await container.exec(buildMount(name))).stderr).toBe('');
}

describe('of mounts made by the agent, the host and each container', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await makeScene();
    await mountEverything(scene);
  });

  // Bidirectional reaches the host, as in any volume. That is why the webhook refuses it for ours.
  test.for([
    ['HostToContainer', ['Agent', 'Bidirectional', 'Host', 'HostToContainer']],
    ['Bidirectional', ['Agent', 'Bidirectional', 'Host']],
    ['None', ['None']],
  ] as const)('a container with %s sees those of %o', async ([propagation, expected]) => {
    expect(await listSeen(scene.containers[propagation])).toEqual(expected);
  });

  test('the host sees those of the agent, its own, and of a container with Bidirectional', async () => {
    const mountinfo = await lab.host.mountinfo();
    const expected = ['Agent', 'Bidirectional', 'Host'];
    expect(listBelow(mountinfo, scene.hostVolumeDir)).toEqual(expected);
    expect(listBelow(mountinfo, scene.pod.targetPath)).toEqual(expected);
  });

  test('another pod sees none of them', async () => {
    const other = await lab.runPod();
    expect(await listSeen(other.workload)).toEqual([]);
    await other.workload.stop('SIGKILL');
    await lab.unpublish(other.pod);
  });

  test('none of them outlives the pod', async () => {
    await stopAll(scene);
    await lab.unpublish(scene.pod);
    expect(await lab.mounts()).toEqual([STAGE_DIR]);
  });
});

describe('of an attached source', () => {
  let scene: Scene;
  let images: Attachment;
  let twin: Attachment;

  beforeAll(async () => {
    scene = await makeScene();
    const { pod } = scene;
    const mountPod = await lab.startMountPod();
    images = { pod, mountPod, s3: lab.storage.bucket('images') };
    const replacesSourceKey = buildSourceKey(mountPod, images.s3);
    twin = { pod, mountPod, s3: lab.storage.bucket('twin'), replacesSourceKey };
  });

  const read = async (name: Propagation) =>
    (await scene.containers[name].exec(['sh', '-c', 'cat data/hello.txt || true'])).stdout.trim();

  const readAll = async () => ({
    HostToContainer: await read('HostToContainer'),
    Bidirectional: await read('Bidirectional'),
    None: await read('None'),
  });

  test.for([
    ['attach', () => lab.attachResult(images), 'hello'],
    ['swap', () => lab.attachResult(twin), 'twin'],
  ] as const)(
    '%s: seen by every container but one with None, and nobody sees two layers',
    async ([, act, text]) => {
      expect((await act()).code).toBe('PROPAGATION_MISSING');
      expect(await readAll()).toEqual({ HostToContainer: text, Bidirectional: text, None: '' });
      expect(await listSeen(scene.containers.HostToContainer)).toEqual(['data']);
      expect(await listSeen(scene.containers.Bidirectional)).toEqual(['data']);
    },
  );

  test('a container that mounts over it hides it from itself alone, and a swap passes beneath', async () => {
    const { HostToContainer } = scene.containers;
    expect((await HostToContainer.exec(buildMount('data'))).stderr).toBe('');
    const { pod, mountPod, s3 } = twin;
    const replacesSourceKey = buildSourceKey(mountPod, s3);

    const { code } = await lab.attachResult({ ...images, replacesSourceKey });

    expect(code).toBe('PROPAGATION_MISSING');
    expect(await readAll()).toEqual({ HostToContainer: '', Bidirectional: 'hello', None: '' });
    expect(listBelow(await lab.host.mountinfo(), pod.targetPath)).toEqual(['data']);
    expect((await HostToContainer.exec(['umount', 'data'])).stderr).toBe('');
    expect(await read('HostToContainer')).toBe('hello');
    expect(await listSeen(HostToContainer)).toEqual(['data']);
  });

  test('a detach is seen by every container', async () => {
    const { results } = await lab.detachResponse(images);

    expect(results[0]).toMatchObject({ code: '', rung: 'plain' });
    for (const name of Object.keys(PROPAGATIONS) as Propagation[])
      expect(await listSeen(scene.containers[name])).toEqual([]);
  });
});
