// Do the requests to the API server mean what their names say?
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GROUP, MOUNT_NAMESPACE, MOUNT_POD_LABELS } from '../../../api/names.ts';
import { connectKubernetes } from '../../../watch/kubernetes-connection.ts';
import type { KubernetesConnection } from '../../../watch/kubernetes-connection.ts';
import { createKubernetesApi, PATHS } from '../../../watch/kubernetes.ts';
import type { KubernetesApi } from '../../../watch/kubernetes.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';

const CLAIMS = PATHS.claims.replace(/([^/]+)$/, 'namespaces/shop/$1');
const MOUNT_PODS = `/api/v1/namespaces/${MOUNT_NAMESPACE}/pods`;
const SECRETS = '/api/v1/namespaces/shop/secrets';
const PODS = '/api/v1/namespaces/shop/pods';

let server: FakeApiServer;
let connection: KubernetesConnection;
let api: KubernetesApi;

beforeEach(async () => {
  server = await FakeApiServer.start();
  connection = connectKubernetes(server.kubeConfig);
  api = createKubernetesApi(connection);
});

afterEach(async () => {
  connection.close();
  await server.stop();
});

const aName = (name: string) => ({ metadata: { namespace: 'shop', name } });

describe('what does not exist', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['claim', () => api.getClaim('shop', 'x')],
    ['class', () => api.getStorageProviderClass('x')],
    ['Secret', () => api.getSecret('shop', 'x')],
    ['version of a Secret', () => api.getSecretVersion('shop', 'x')],
    ['namespace', () => api.getNamespace('x')],
    ['pod', () => api.getPod('shop', 'x')],
    ['driver', () => api.getDriverUid()],
  ])('%s is undefined', async (_kind, get) => {
    expect(await get()).toBeUndefined();
  });

  it('has no containers and is no node', async () => {
    expect(await api.getContainerNames('shop', 'x')).toEqual({});
    expect(await api.getNodeState('x')).toBe('gone');
  });
});

describe('a node', () => {
  it.each([
    ['ready', [{ type: 'Ready', status: 'True' }]],
    ['notReady', [{ type: 'Ready', status: 'False' }]],
    ['notReady', [{ type: 'Ready', status: 'Unknown' }]],
    ['notReady', []],
  ])('is %s with the conditions %j', async (state, conditions) => {
    server.put('/api/v1/nodes', { metadata: { name: 'node1' }, status: { conditions } });

    expect(await api.getNodeState('node1')).toBe(state);
  });
});

describe('a Secret', () => {
  it('has a version that can be read without its values', async () => {
    const data = { key: Buffer.from('wert').toString('base64') };
    const { metadata } = server.put(SECRETS, { ...aName('keys'), data });

    expect(await api.getSecretVersion('shop', 'keys')).toBe(metadata.resourceVersion);
    expect(await api.getSecret('shop', 'keys')).toEqual({ key: 'wert' });
  });
});

describe('a namespace', () => {
  it.each([
    ['labelled', { labels: { team: 'a' } }, { labels: { team: 'a' }, annotations: {} }],
    ['bare', {}, { labels: {}, annotations: {} }],
  ])('%s', async (name, metadata, view) => {
    server.put('/api/v1/namespaces', { metadata: { name, ...metadata } });

    expect(await api.getNamespace(name)).toEqual(view);
  });
});

describe('pods', () => {
  it('are listed for one namespace', async () => {
    server.put(PODS, aName('web-1'));
    server.put(MOUNT_PODS, { metadata: { namespace: MOUNT_NAMESPACE, name: 'm' } });

    expect((await api.listPods('shop')).map((pod) => pod.name)).toEqual(['web-1']);
  });

  it('of a sharing key are asked for by the label', async () => {
    await api.listMountPods('abc');

    const selector = encodeURIComponent(`${MOUNT_POD_LABELS.sharingKey}=abc`);
    expect(server.requests).toEqual([`GET ${MOUNT_PODS}?labelSelector=${selector}`]);
  });

  it('tell the names of their containers', async () => {
    const containerStatuses = [{ name: 'app', containerID: 'containerd://1' }];
    server.put(PODS, { ...aName('web-1'), status: { containerStatuses } });

    expect(await api.getContainerNames('shop', 'web-1')).toEqual({ 1: 'app' });
  });

  it('are made once', async () => {
    expect(await api.createPod(aName('web-1'))).toMatchObject({ name: 'web-1', phase: 'Pending' });
    await expect(api.createPod(aName('web-1'))).rejects.toMatchObject({ status: 409 });
  });

  it('get and lose labels and annotations', async () => {
    const labels = { old: 'x', kept: 'y' };
    const metadata = { ...aName('web-1').metadata, labels };
    const { resourceVersion } = server.put(PODS, { metadata }).metadata;

    const patched = await api.patchPodMetadata(
      { namespace: 'shop', name: 'web-1', resourceVersion },
      { labels: { old: null, new: 'z' }, annotations: { [`${GROUP}/x`]: 'y' } },
    );

    expect(patched.labels).toEqual({ kept: 'y', new: 'z' });
    expect(patched.resourceVersion).not.toBe(resourceVersion);
  });

  it('are not patched over the change of another', async () => {
    server.put(PODS, aName('web-1'));
    const stale = { namespace: 'shop', name: 'web-1', resourceVersion: '1' };

    await expect(api.patchPodMetadata(stale, { labels: {} })).rejects.toMatchObject({
      status: 409,
    });
    await expect(
      api.patchPodMetadata({ ...stale, name: 'gone' }, { labels: {} }),
    ).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    ['the very pod', { uid: 'uid' }, []],
    ['no namesake', { uid: 'other' }, ['web-1']],
    ['none that has changed', { uid: 'uid', resourceVersion: '1' }, ['web-1']],
  ])('are removed: %s', async (_what, version, left) => {
    server.put(PODS, { metadata: { ...aName('web-1').metadata, uid: 'uid' } });

    await api.removePod({ namespace: 'shop', name: 'web-1', ...version }, 1);

    expect(server.names(PODS)).toEqual(left);
  });

  it('that are gone are removed', async () => {
    await expect(
      api.removePod({ namespace: 'shop', name: 'web-1', uid: 'uid' }, 1),
    ).resolves.toBeUndefined();
  });
});

describe('claims', () => {
  it('are listed for all namespaces', async () => {
    server.put(PATHS.claims, { ...aName('pictures'), spec: {} });

    expect((await api.listAllClaims()).map((claim) => claim.metadata.name)).toEqual(['pictures']);
  });

  it('are listed for one namespace', async () => {
    server.put(CLAIMS, { ...aName('pictures'), spec: {} });

    const names = async (namespace: string) =>
      (await api.listClaims(namespace)).map((claim) => claim.metadata.name);

    expect(await names('shop')).toEqual(['pictures']);
    expect(await names('other')).toEqual([]);
  });
});

describe('finalizers', () => {
  const spec = { provider: 's3', parameters: {} };

  it('of a claim and of a class are replaced', async () => {
    const claim = server.put(CLAIMS, { ...aName('pictures'), spec: {} }).metadata;
    const cls = server.put(PATHS.classes, { metadata: { name: 'gold' }, spec }).metadata;

    const patchedClaim = await api.patchClaimFinalizers({ ...claim, namespace: 'shop' }, ['a']);
    const patchedClass = await api.patchClassFinalizers(cls, ['b', 'c']);

    expect(patchedClaim.metadata.finalizers).toEqual(['a']);
    expect(patchedClass.metadata.finalizers).toEqual(['b', 'c']);
  });

  it('are not replaced over the change of another', async () => {
    server.put(PATHS.classes, { metadata: { name: 'gold' }, spec });

    await expect(
      api.patchClassFinalizers({ name: 'gold', resourceVersion: '1' }, []),
    ).rejects.toMatchObject({ status: 409, reason: 'Conflict' });
  });
});

describe('the status of a claim', () => {
  it('is written, and to no namesake', async () => {
    const { uid } = server.put(CLAIMS, { ...aName('pictures'), spec: {} }).metadata;

    await api.patchClaimStatus({ namespace: 'shop', name: 'pictures', uid }, { matched: 1 });

    expect((await api.getClaim('shop', 'pictures'))?.status).toEqual({ matched: 1 });
    await expect(
      api.patchClaimStatus({ namespace: 'shop', name: 'pictures', uid: 'x' }, {}),
    ).rejects.toMatchObject({ status: 422 });
  });
});
