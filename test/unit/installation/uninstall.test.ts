// When may an installation end?
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { KubernetesRequest } from '../../../watch/kubernetes-connection.ts';
import { KubernetesError } from '../../../watch/kubernetes-error.ts';
import { freeClasses } from '../../../installation/free-classes.ts';
import { prepareUninstall } from '../../../installation/prepare-uninstall.ts';

const GROUP = 'dynamicvolume.csi.cloudnative101.net';
const CLAIMS = `/apis/${GROUP}/v1alpha1/dynamicvolumeclaims`;
const CLASSES = `/apis/${GROUP}/v1alpha1/storageproviderclasses`;

interface Objects {
  claims?: object[];
  classes?: object[];
  pods?: object[];
}

function claim(name: string, status?: object) {
  return { metadata: { namespace: 'shop', name }, ...(status ? { status } : {}) };
}

function pod(name: string, change: { nodeName?: string; phase?: string; driver?: string } = {}) {
  const { phase = 'Running', driver = GROUP } = change;
  const nodeName = 'nodeName' in change ? change.nodeName : 'node1';
  return {
    metadata: { namespace: 'shop', name },
    spec: { nodeName, volumes: [{ emptyDir: {} }, { csi: { driver } }] },
    status: { phase },
  };
}

/** An API server whose claims go at once, unless they are told to stay. */
function aCluster(objects: Objects, options: { stay?: boolean; pageSize?: number } = {}) {
  const lists = new Map([
    [CLAIMS, objects.claims ?? []],
    [CLASSES, objects.classes ?? []],
    ['/api/v1/pods', objects.pods ?? []],
  ]);
  const deleted: string[] = [];
  const send = async ({ method, path }: KubernetesRequest): Promise<unknown> => {
    const url = new URL(path, 'http://server');
    if (method === 'DELETE') {
      deleted.push(url.pathname);
      if (!options.stay) lists.set(CLAIMS, []);
      return {};
    }
    const all = lists.get(url.pathname) ?? [];
    const from = Number(url.searchParams.get('continue') ?? 0);
    const to = from + (options.pageSize ?? 500);
    const next = to < all.length ? { continue: String(to) } : {};
    return { items: all.slice(from, to), metadata: next };
  };
  const told: string[] = [];
  const prepare = (claims: 'refuse' | 'delete') =>
    prepareUninstall({
      connection: { send },
      claims,
      tell: (line) => told.push(line),
      timeoutMs: 50,
      everyMs: 5,
    });
  return { prepare, deleted, told };
}

describe('prepareUninstall', () => {
  it.each(['refuse', 'delete'] as const)('with %s allows it where nothing is', async (claims) => {
    const { prepare, deleted } = aCluster({});

    await prepare(claims);

    expect(deleted).toEqual([]);
  });

  it('with refuse names the claims that are there, deletes none, and tells the two ways out', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const { prepare, deleted } = aCluster({ claims: names.map((name) => claim(name)) });

    await expect(prepare('refuse')).rejects.toThrow(
      /^There are 7 claims: shop\/a, .*shop\/e and 2 more\. Delete them .* and uninstall again, or .*helm rollback/,
    );

    expect(deleted).toEqual([]);
  });

  it('with delete deletes every claim, of all pages, and waits until they are gone', async () => {
    const claims = ['a', 'b', 'c'].map((name) => claim(name));
    const { prepare, deleted, told } = aCluster({ claims }, { pageSize: 2 });

    await prepare('delete');

    expect(deleted).toEqual(
      ['a', 'b', 'c'].map(
        (name) => `/apis/${GROUP}/v1alpha1/namespaces/shop/dynamicvolumeclaims/${name}`,
      ),
    );
    expect(told).toContain('All claims are gone; what is in the buckets stays.');
  });

  it('with delete tells what a claim that does not go says of itself', async () => {
    const message = 'pod web-1 has a file open.';
    const conditions = [{ type: 'Ready', reason: 'InUse', message }];
    const { prepare } = aCluster({ claims: [claim('a', { conditions })] }, { stay: true });

    await expect(prepare('delete')).rejects.toThrow(
      /there still is 1 claim: shop\/a\. The first says InUse: pod web-1 has a file open\./,
    );
  });

  it('waits for classes that are being deleted, which nobody else would let go', async () => {
    const deletionTimestamp = '2026-11-21T00:00:00Z';
    const finalizers = [`${GROUP}/in-use`];
    const waiting = { metadata: { name: 's3', deletionTimestamp, finalizers } };
    const staying = { metadata: { name: 'other', finalizers } };
    const { prepare } = aCluster({ classes: [waiting, staying] });

    await expect(prepare('refuse')).rejects.toThrow(
      'there still is 1 class that is being deleted: s3.',
    );
  });

  it('waits for claims and then classes no longer than for either, and names who is left', async () => {
    const timeoutMs = 20;
    const metadata = { name: 's3', deletionTimestamp: 'now', finalizers: [`${GROUP}/in-use`] };
    const looks = { claims: 0, classes: 0 };
    const send = async ({ method, path }: KubernetesRequest): Promise<unknown> => {
      const { pathname } = new URL(path, 'http://server');
      if (method === 'DELETE') return {};
      if (pathname === CLASSES) {
        looks.classes += 1;
        return { items: [{ metadata }] };
      }
      looks.claims += 1;
      if (looks.claims < 3) return { items: [claim('a')] };
      // The answer that the last claim is gone takes all the time that there was.
      await once(AbortSignal.timeout(2 * timeoutMs), 'abort');
      return { items: [] };
    };
    const options = { connection: { send }, tell: () => {}, timeoutMs, everyMs: 1 };

    await expect(prepareUninstall({ ...options, claims: 'delete' })).rejects.toThrow(
      'there still is 1 class that is being deleted: s3.',
    );

    expect(looks.classes).toBe(1);
  });

  it.each(['refuse', 'delete'] as const)(
    'with %s names pods with a volume root, which could never end without an agent',
    async (claims) => {
      const { prepare } = aCluster({ pods: [pod('web-1')] });

      await expect(prepare(claims)).rejects.toThrow(
        /^There is 1 pod with a volume root: shop\/web-1\./,
      );
    },
  );

  it.each([
    ['has ended', { phase: 'Succeeded' }],
    ['has failed', { phase: 'Failed' }],
    ['has no node', { nodeName: undefined, phase: 'Pending' }],
    ['has a volume of another driver', { driver: 'other.example.com' }],
  ])('does not mind a pod that %s', async (_, change) => {
    const { prepare } = aCluster({ pods: [pod('web-1', change as Parameters<typeof pod>[1])] });

    await expect(prepare('refuse')).resolves.toBeUndefined();
  });

  it('takes custom resources that are not there for none', async () => {
    const send = async ({ path }: KubernetesRequest): Promise<unknown> => {
      if (path.startsWith('/apis')) throw new KubernetesError(404, 'NotFound', 'no such resource');
      return { items: [] };
    };
    const options = { connection: { send }, tell: () => {}, timeoutMs: 50 };

    await expect(prepareUninstall({ ...options, claims: 'refuse' })).resolves.toBeUndefined();
  });
});

describe('freeClasses', () => {
  const ours = `${GROUP}/in-use`;

  /**
   * Classes by name with their finalizers, and a controller that ends after some looks. The first patches are answered with
   * these errors.
   */
  function aCluster(options: {
    controllerLooks?: number;
    classes: Record<string, string[]>;
    errors?: KubernetesError[];
  }) {
    const { controllerLooks = 0, errors = [] } = options;
    const classes = new Map(Object.entries(options.classes));
    let looks = 0;
    const send = async ({ method, path, body }: KubernetesRequest): Promise<unknown> => {
      const url = new URL(path, 'http://server');
      if (method === 'PATCH') {
        if (looks <= controllerLooks) throw new Error('A controller runs');
        const error = errors.shift();
        if (error) throw error;
        const { metadata } = body as { metadata: { finalizers: string[] } };
        return classes.set(url.pathname.split('/').at(-1) ?? '', metadata.finalizers);
      }
      if (url.pathname === CLASSES) {
        const items = [...classes].map(([name, finalizers]) => ({
          metadata: { name, resourceVersion: '7', finalizers },
        }));
        return { items };
      }
      expect(url.searchParams.get('labelSelector')).toContain('component=controller');
      looks += 1;
      return { items: looks <= controllerLooks ? [pod('controller')] : [] };
    };
    const tell = () => {};
    return {
      classes,
      free: () => freeClasses({ connection: { send }, tell, timeoutMs: 200, everyMs: 1 }),
    };
  }

  it('takes only our finalizer off, and only when no controller can put it back', async () => {
    const classes = { kept: [ours, 'somebody.else/s'], free: [] };
    const cluster = aCluster({ controllerLooks: 2, classes });

    await cluster.free();

    expect(Object.fromEntries(cluster.classes)).toEqual({ kept: ['somebody.else/s'], free: [] });
  });

  it('looks again at a class that has changed meanwhile, and frees the others', async () => {
    const errors = [new KubernetesError(409, 'Conflict', 'changed')];
    const cluster = aCluster({ classes: { a: [ours], b: [ours] }, errors });

    await cluster.free();

    expect(Object.fromEntries(cluster.classes)).toEqual({ a: [], b: [] });
  });

  it('refuses while a controller does not end, and touches nothing', async () => {
    const cluster = aCluster({ controllerLooks: Infinity, classes: { kept: [ours] } });

    await expect(cluster.free()).rejects.toThrow('controller that has not ended: shop/controller');
    expect(cluster.classes.get('kept')).toEqual([ours]);
  });
});
