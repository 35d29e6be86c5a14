// Who sees what over the listener for bearer tokens?
import { beforeEach, describe, expect, it } from 'vitest';
import { reviewAccess } from '../../../../console/server/access-review.ts';
import type { KubernetesRequest } from '../../../../watch/kubernetes-connection.ts';
import { FakeConsole } from '../../../builders/console.ts';
import { aClaim } from '../../../builders/objects.ts';

const TEAMS = Array.from({ length: 150 }, (_, i) => `team-${i}`);
const RIGHTS = { admin: ['*'], shopkeeper: ['shop'], stranger: [], agency: TEAMS };
const DETAIL = '/api/claims/shop/pictures';

let fake: FakeConsole;
let app: ReturnType<FakeConsole['buildTokenApp']>;

beforeEach(() => {
  fake = new FakeConsole({ rights: RIGHTS });
  app = fake.buildTokenApp();
  for (const namespace of ['shop', 'lab']) {
    fake.cluster.put(aClaim({ metadata: { namespace, uid: `uid-${namespace}` } }));
  }
});

async function get(url: string, authorization?: string) {
  const headers = authorization === undefined ? {} : { authorization };
  const response = await app.inject({ method: 'GET', url, headers });
  return { status: response.statusCode, body: response.json(), headers: response.headers };
}

const as = (user: string): string => `Bearer ${user}`;

describe.each(['/api/claims', DETAIL, `${DETAIL}/timeline`, '/api/mounts', '/api/stream'])(
  '%s',
  (url) => {
    it.each([
      ['no token', undefined],
      ['another scheme', 'Basic YWRtaW46YWRtaW4='],
      ['an empty token', 'Bearer '],
      ['a token that is far too long', as('a'.repeat(20_000))],
      ['a token that the API server does not accept', as('forged')],
    ])('is 401 with %s', async (_what, authorization) => {
      const { status, body, headers } = await get(url, authorization);
      expect(status).toBe(401);
      expect(Object.keys(body)).toEqual(['message']);
      expect(body.message).toMatch(/^[^.]+$/);
      expect(headers['www-authenticate']).toMatch(/^Bearer/);
    });

    it('is 403 with a token without rights', async () => {
      const { status, body } = await get(url, as('stranger'));
      expect(status).toBe(403);
      expect(body.message).toMatch(/^You may not (get|list) dynamicvolumeclaims in /);
    });

    it('is 503 while the API server does not say who it is', async () => {
      fake.isApiServerDown = true;
      expect(await get(url, as('admin'))).toMatchObject({
        status: 503,
        body: { message: expect.stringContaining('try again') as string },
      });
    });
  },
);

it.each([
  ['admin', '/api/claims', 200, ['lab', 'shop']],
  ['admin', '/api/claims?namespace=lab', 200, ['lab']],
  ['admin', '/api/claims?namespace=empty', 200, []],
  ['shopkeeper', '/api/claims', 200, ['shop']],
  ['shopkeeper', '/api/claims?namespace=shop', 200, ['shop']],
  ['shopkeeper', '/api/claims?namespace=lab', 403, undefined],
  ['shopkeeper', '/api/claims?namespace=empty', 403, undefined],
])('%s gets %s: %i %j', async (user, url, expected, namespaces) => {
  const { status, body } = await get(url, as(user));
  expect(status).toBe(expected);
  expect(body.claims?.map((one: { namespace: string }) => one.namespace)).toEqual(namespaces);
});

it('does not tell who may not look whether a claim is there', async () => {
  const there = await get('/api/claims/lab/pictures', as('shopkeeper'));
  const missing = await get('/api/claims/lab/nope', as('shopkeeper'));
  expect(there).toMatchObject({ status: 403, body: missing.body });
  expect(await get(DETAIL, as('shopkeeper'))).toMatchObject({ status: 200 });
});

it('shows of the mounts those of namespaces that may be listed', async () => {
  const aMount = (namespace: string) => ({ namespace, claim: 'pictures' });
  fake.mounts = {
    mounts: [aMount('shop'), aMount('lab')] as unknown as FakeConsole['mounts']['mounts'],
    unreachableNodes: [],
  };
  expect((await get('/api/mounts', as('shopkeeper'))).body.mounts).toEqual([aMount('shop')]);
});

it('asks the nodes about the namespaces that may be listed alone', async () => {
  await get('/api/mounts', as('shopkeeper'));
  await get('/api/mounts', as('admin'));
  expect(fake.askedMounts).toEqual([['shop'], undefined]);
});

it('shows the page to anybody: it holds nothing, and asks for the token', async () => {
  expect(await get('/')).toMatchObject({ status: 404 });
  expect(fake.reviews).toEqual([]);
});

it('asks the API server once in 30 s, and then whether it is still so', async () => {
  await get('/api/claims', as('admin'));
  await get('/api/claims', as('admin'));
  expect(fake.reviews).toEqual(['token admin', 'admin list *']);
  fake.nowMs = 30_001;
  await get('/api/claims', as('admin'));
  expect(fake.reviews).toHaveLength(4);
});

it('remembers a refusal as well, but not that the API server was away', async () => {
  await get('/api/claims', as('forged'));
  await get('/api/claims', as('forged'));
  expect(fake.reviews).toEqual(['token forged']);
  fake.isApiServerDown = true;
  await get('/api/claims', as('admin'));
  fake.isApiServerDown = false;
  expect(await get('/api/claims', as('admin'))).toMatchObject({ status: 200 });
});

it('asks about many namespaces, and answers with all that may be seen', async () => {
  for (const namespace of TEAMS) {
    fake.cluster.put(aClaim({ metadata: { namespace, uid: `uid-${namespace}` } }));
  }
  const { status, body } = await get('/api/claims', as('agency'));
  expect(status).toBe(200);
  expect(body.claims).toHaveLength(TEAMS.length);
});

it('does not ask about more namespaces than the API server can bear', async () => {
  for (let i = 0; i < 200; i++) {
    fake.cluster.put(aClaim({ metadata: { namespace: `team-${i}`, uid: `uid-${i}` } }));
  }
  const { status, body } = await get('/api/claims', as('shopkeeper'));
  expect(status).toBe(403);
  expect(body.message).toContain('there are many: name one of yours');
  expect(fake.reviews).toHaveLength(2);
  expect(await get('/api/claims?namespace=shop', as('shopkeeper'))).toMatchObject({ status: 200 });
});

it.each([
  [{ verb: 'list' }, { verb: 'list' }],
  [
    { verb: 'get', namespace: 'shop' },
    { verb: 'get', namespace: 'shop' },
  ],
] as const)('asks about the user as the token has him: %j', async (access, attributes) => {
  const sent: KubernetesRequest[] = [];
  const send = async (request: KubernetesRequest) => {
    sent.push(request);
    return { status: { allowed: true } };
  };
  const user = { username: 'jane', uid: '1', groups: ['dev'], extra: { scopes: ['x'] } };
  expect(await reviewAccess({ send }, user, access, new AbortController().signal)).toBe(true);
  const { username, ...rest } = user;
  const resource = {
    group: 'dynamicvolume.csi.cloudnative101.net',
    resource: 'dynamicvolumeclaims',
    ...attributes,
  };
  expect(JSON.parse(JSON.stringify(sent))).toEqual([
    {
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user: username, ...rest, resourceAttributes: resource },
      },
    },
  ]);
});

it.each([{}, { status: {} }, { status: { allowed: false, denied: true } }])(
  'lets nobody in by an answer such as %j',
  async (answer) => {
    const connection = { send: async () => answer };
    const signal = new AbortController().signal;
    expect(await reviewAccess(connection, {}, { verb: 'list' }, signal)).toBe(false);
  },
);

it('lets many look up their rights at the same time, one after the other', async () => {
  let atOnce = 0;
  let most = 0;
  fake.reviewAccess = async () => {
    most = Math.max(most, (atOnce += 1));
    await new Promise((resolve) => setImmediate(resolve));
    atOnce -= 1;
    return true;
  };
  const urls = Array.from({ length: 50 }, (_, i) => `/api/claims/team-${i}/pictures`);
  const users = ['admin', 'shopkeeper', 'agency'];
  const asked = users.flatMap((user) => urls.map((url) => get(url, as(user))));
  const answers = await Promise.all(asked);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
  expect(most).toBe(16);
});

it('does not let one user ask so much that another one waits', async () => {
  const known = Promise.withResolvers<boolean>();
  fake.reviewAccess = async ({ username }) => username !== 'agency' || known.promise;
  const urls = Array.from({ length: 150 }, (_, i) => `/api/claims/team-${i}/pictures`);
  const flood = urls.map((url) => get(url, as('agency')));
  expect(await Promise.race(flood)).toMatchObject({
    status: 503,
    body: { message: 'You ask too much at once; try again' },
  });
  expect(await get(DETAIL, as('shopkeeper'))).toMatchObject({ status: 200 });
  known.resolve(true);
  const statuses = (await Promise.all(flood)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 503)).toHaveLength(50);
});

it('does not have too many unknown tokens reviewed at the same time', async () => {
  const known = Promise.withResolvers<{ authenticated: boolean }>();
  let asked = 0;
  fake.reviewToken = () => {
    asked += 1;
    return known.promise;
  };
  const answers = Array.from({ length: 40 }, (_, i) => get('/api/claims', as(`token-${i}`)));
  const refused = await Promise.race(answers);
  expect(refused).toMatchObject({
    status: 503,
    body: { message: 'Too many ask at once; try again' },
  });
  known.resolve({ authenticated: false });
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(asked).toBe(16);
  expect(statuses.filter((status) => status === 401)).toHaveLength(16);
});
