// What does the webhook's server answer, over HTTPS, to what is and is not a review?
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdmissionServer } from '../../../admission/server.ts';
import { podWith } from '../../bad-input/pod-cases.ts';
import { claimWith, classWith } from '../../bad-input/schema-case.ts';
import { aReview, lookUps, unanswered } from '../../builders/reviews.ts';

const tlsDir = mkdtempSync(path.join(tmpdir(), 'dynvol-webhook-'));
const logged: string[] = [];
let server: ReturnType<typeof createAdmissionServer>;

beforeAll(() => {
  const files = ['-keyout', `${tlsDir}/tls.key`, '-out', `${tlsDir}/tls.crt`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const args = ['req', '-x509', ...key, ...files, '-subj', '/CN=webhook', '-days', '1'];
  execFileSync('openssl', args, { stdio: 'ignore' });
  const log = pino({}, { write: (line: string) => logged.push(line) });
  server = createAdmissionServer({ tlsDir, log, lookUps: lookUps({ findNamespace: unanswered }) });
});
afterAll(async () => {
  await server.close();
  rmSync(tlsDir, { recursive: true });
});

async function post(url: string, payload: string, contentType = 'application/json') {
  const answer = await server.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': contentType },
  });
  return { code: answer.statusCode, body: answer.json<{ message?: string; response?: object }>() };
}

describe('a review', () => {
  it.each([
    ['/mutate-pods', podWith({})],
    ['/warn-pods', podWith({})],
    ['/validate-claims', claimWith({})],
    ['/validate-classes', classWith({})],
    ['/validate-evictions', { apiVersion: 'policy/v1', kind: 'Eviction' }],
  ])('is answered at %s', async (url, object) => {
    const { code, body } = await post(url, JSON.stringify(aReview(object)));

    expect(code).toBe(200);
    expect(body.response).toMatchObject({ uid: 'review-1', allowed: true });
  });

  it('fails when the namespace of an injected pod cannot be read', async () => {
    const body = JSON.stringify(aReview(podWith({})));

    expect(await post('/mutate-pods-of-namespace', body)).toMatchObject({ code: 500 });
  });
});

describe('row 78: what is no review', () => {
  const review = aReview(podWith({}));
  const secret = 'geheim-'.repeat(10);

  it.each([
    ['no JSON', `{"a": "${secret}`, 400],
    ['JSON of something else', JSON.stringify({ kind: secret }), 400],
    ['another version', JSON.stringify({ ...review, apiVersion: secret }), 400],
    ['a review of something else', JSON.stringify(aReview({ metadata: secret })), 400],
    ['more than 8 MiB', JSON.stringify({ secret: secret.repeat(150_000) }), 413],
  ])('%s is refused, and is in no log', async (_title, payload, code) => {
    const answer = await post('/mutate-pods', payload);

    expect(answer.code).toBe(code);
    expect(JSON.stringify(answer.body) + logged.join('')).not.toContain('geheim-geheim');
  });

  it('another content type is refused', async () => {
    expect(await post('/mutate-pods', 'a: 1', 'application/yaml')).toMatchObject({ code: 415 });
  });

  it('an unknown path is not found', async () => {
    expect(await post('/mutate', JSON.stringify(review))).toMatchObject({ code: 404 });
  });
});
