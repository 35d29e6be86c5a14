// What does the console answer on each of its paths?
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { buildClaimPath, buildTimelinePath } from '../../../../console/model/views.ts';
import type { PageFile } from '../../../../console/server/page-files.ts';
import { FakeConsole } from '../../../builders/console.ts';
import { aMountPod } from '../../../builders/mount-pods.ts';
import { aClaim, aPod } from '../../../builders/objects.ts';
import { parseHistory } from '../../../workflow/history-file.ts';

const ID = 'dvc/shop/pictures/claim-uid';

let fake: FakeConsole;
let app: ReturnType<FakeConsole['buildOpenApp']>;

beforeEach(() => {
  fake = new FakeConsole();
  app = fake.buildOpenApp();
});

async function get(url: string, headers: Record<string, string> = {}) {
  const response = await app.inject({ method: 'GET', url, headers });
  const isJson = response.headers['content-type']?.toString().startsWith('application/json');
  return { ...response, headers: response.headers, body: isJson ? response.json() : response.body };
}

function putClaim(namespace: string, name: string): void {
  fake.cluster.put(aClaim({ metadata: { namespace, name, uid: `${namespace}-${name}` } }));
}

describe('/api/claims', () => {
  it('is empty when there is no claim', async () => {
    expect(await get('/api/claims')).toMatchObject({ statusCode: 200, body: { claims: [] } });
  });

  it('lists claims by namespace and name, those of one namespace if asked', async () => {
    putClaim('shop', 'b');
    putClaim('shop', 'a');
    putClaim('lab', 'c');
    const list = async (url: string) =>
      (await get(url)).body.claims.map((one: { uid: string }) => one.uid);
    expect(await list('/api/claims')).toEqual(['lab-c', 'shop-a', 'shop-b']);
    expect(await list('/api/claims?namespace=shop')).toEqual(['shop-a', 'shop-b']);
    expect(await list('/api/claims?namespace=')).toHaveLength(3);
    expect(await list('/api/claims?namespace=nowhere')).toEqual([]);
  });

  it('refuses two namespaces in one sentence', async () => {
    expect(await get('/api/claims?namespace=a&namespace=b')).toMatchObject({
      statusCode: 400,
      body: { message: 'namespace is given more than once; give one, or none for all' },
    });
  });

  it('is not kept by browsers, and only asked for', async () => {
    expect((await get('/api/claims')).headers).toMatchObject({ 'cache-control': 'no-store' });
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      expect(await app.inject({ method, url: '/api/claims' })).toMatchObject({ statusCode: 404 });
    }
  });
});

describe('/api/claims/:namespace/:name', () => {
  beforeEach(() => fake.cluster.put(aClaim()));

  it('shows the claim with its mount pods and what its workflow explains', async () => {
    fake.cluster.putPod(aPod());
    fake.cluster.putPod(aMountPod('web-1'));
    fake.explanations.set(ID, 'Claim pictures: Attached.');
    expect((await get(buildClaimPath('shop', 'pictures'))).body).toMatchObject({
      name: 'pictures',
      spec: aClaim().spec,
      mountPods: [{ name: 's3-web-1', pods: ['web-1'] }],
      explanation: 'Claim pictures: Attached.',
    });
  });

  it('leaves out mount pods that serve another claim of its pod, unless they end', async () => {
    fake.cluster.putPod(aPod());
    fake.cluster.putPod(aMountPod('web-1', { name: 'other' }));
    fake.cluster.putPod(aMountPod('web-1', { name: 'former', uid: 'former', terminating: true }));
    fake.ofOthers.add('other').add('former');
    const { body } = await get(buildClaimPath('shop', 'pictures'));
    expect(body.mountPods.map((pod: { name: string }) => pod.name)).toEqual(['former']);
  });

  it('looks at no sharing key of mount pods that are for other pods', async () => {
    fake.cluster.putPod(aPod());
    fake.cluster.putPod(aMountPod('web-1'));
    for (let i = 2; i < 50; i++) fake.cluster.putPod(aMountPod(`web-${i}`));
    await get(buildClaimPath('shop', 'pictures'));
    expect(fake.comparedKeys).toEqual(['s3-web-1']);
  });

  it('comes without an explanation while Temporal is away', async () => {
    fake.explanations.set(ID, 'Claim pictures: Attached.');
    fake.isTemporalDown = true;
    const { statusCode, body } = await get(buildClaimPath('shop', 'pictures'));
    expect(statusCode).toBe(200);
    expect(body).not.toHaveProperty('explanation');
  });

  it('is 404 for a claim that there is not', async () => {
    expect(await get(buildClaimPath('shop', 'nope'))).toMatchObject({
      statusCode: 404,
      body: { message: 'There is no claim "nope" in namespace "shop"' },
    });
  });
});

describe('/api/claims/:namespace/:name/timeline', () => {
  beforeEach(() => fake.cluster.put(aClaim()));

  it("tells the workflow's history", async () => {
    const file = new URL('../../../histories/whole-life.json', import.meta.url);
    fake.histories.set(ID, parseHistory(readFileSync(file, 'utf8')));
    const { body } = await get(buildTimelinePath('shop', 'pictures'));
    expect(body).toMatchObject({ workflowId: ID, status: 'Completed' });
    expect(body).not.toHaveProperty('url');
    expect(body.entries[0]).toMatchObject({ eventId: 1, kind: 'life' });
  });

  it('is 503 while Temporal is away, and 404 before the workflow is started', async () => {
    const path = buildTimelinePath('shop', 'pictures');
    expect(await get(path)).toMatchObject({ statusCode: 404 });
    fake.isTemporalDown = true;
    expect(await get(path)).toMatchObject({
      statusCode: 503,
      body: { message: 'Temporal does not answer' },
    });
  });
});

it('/api/mounts asks the nodes about one namespace, or about all', async () => {
  fake.mounts = { mounts: [], unreachableNodes: ['node2'] };
  expect((await get('/api/mounts')).body).toEqual(fake.mounts);
  await get('/api/mounts?namespace=shop');
  expect(fake.askedMounts).toEqual([undefined, ['shop']]);
});

it('asks the nodes once for all who ask at the same time', async () => {
  await Promise.all([get('/api/mounts'), get('/api/mounts'), get('/api/mounts?namespace=shop')]);
  expect(fake.askedMounts).toHaveLength(2);
  expect(fake.askedMounts).toEqual(expect.arrayContaining([undefined, ['shop']]));
});

it('answers what nobody foresaw without telling it', async () => {
  fake.cluster.view.claims = () => {
    throw new Error('secret detail');
  };
  expect(await get('/api/claims')).toMatchObject({
    statusCode: 500,
    body: { message: "The console could not answer; the controller's log says why" },
  });
});

describe('page', () => {
  const script = Buffer.from('console.log("Grüße")');
  const aFile = (contentType: string, content: Buffer): PageFile => ({
    contentType,
    content,
    gzipped: gzipSync(content),
    hash: 'abcdef0123456789',
  });

  beforeEach(() => {
    const files = fake.files as Map<string, PageFile>;
    files.set('index.html', aFile('text/html; charset=utf-8', Buffer.from('<!doctype html>')));
    files.set('app.js', aFile('text/javascript; charset=utf-8', script));
  });

  it.each([
    ['/', 'text/html; charset=utf-8', 'no-store'],
    ['/index.html', 'text/html; charset=utf-8', 'no-store'],
    ['/app.js', 'text/javascript; charset=utf-8', 'no-cache'],
    [
      '/app.js?abcdef012345',
      'text/javascript; charset=utf-8',
      'public, max-age=31536000, immutable',
    ],
    ['/app.js?otherversion', 'text/javascript; charset=utf-8', 'no-cache'],
    ['/app.js?abc', 'text/javascript; charset=utf-8', 'no-cache'],
  ])('%s is %s, %s', async (url, contentType, cacheControl) => {
    expect(await get(url)).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': contentType, 'cache-control': cacheControl },
    });
  });

  it('is packed for who takes that, and not sent again to who has it', async () => {
    const packed = await app.inject({ url: '/app.js', headers: { 'accept-encoding': 'br, gzip' } });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.rawPayload)).toEqual(script);
    const plain = await app.inject({ url: '/app.js' });
    expect(plain.rawPayload).toEqual(script);
    const etag = String(plain.headers['etag']);
    const again = await app.inject({ url: '/app.js', headers: { 'if-none-match': etag } });
    expect(again).toMatchObject({ statusCode: 304, body: '' });
  });

  it('allows nothing that is not its own, on every path', async () => {
    for (const url of ['/', '/api/claims', '/nope']) {
      const { headers } = await get(url);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toContain('unsafe');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
    }
  });

  it.each([
    '/nope',
    '/../package.json',
    '/%2e%2e/package.json',
    '//evil.example/x',
    '//',
    '//%00',
    '/api',
  ])('%s is 404 in one sentence', async (url) => {
    const { statusCode, body } = await get(url);
    expect(statusCode).toBe(404);
    expect(body.message).toMatch(/^The console has no /);
  });

  it.each(['/%zz', '/api/claims/%zz/pictures'])(
    '%s, which cannot be decoded, is refused as anything else is',
    async (url) => {
      const { statusCode, headers, body } = await get(url);
      expect(statusCode).toBe(400);
      expect(body).toEqual({ message: 'The request is malformed' });
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    },
  );

  it('says that it is not there when it is not', async () => {
    (fake.files as Map<string, PageFile>).clear();
    expect(await get('/')).toMatchObject({
      statusCode: 404,
      body: {
        message: 'The page is not part of this installation; its API is at /api/claims',
      },
    });
  });
});
