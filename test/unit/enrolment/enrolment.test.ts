// Who enrols at the controller, and what of it is told?
import { X509Certificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EnrolRequest, EnrolResponse } from '../../../api/enrolment.ts';
import { CONTROLLER_IDENTITY, SYSTEM_NAMESPACE } from '../../../api/names.ts';
import { buildEnrolment, enrol } from '../../../csi-node/enrol.ts';
import type { TokenReviewStatus } from '../../../enrolment/agent-token.ts';
import { createEnrolment } from '../../../enrolment/enrolment.ts';
import { startEnrolmentServer } from '../../../enrolment/server.ts';
import type { EnrolmentServer } from '../../../enrolment/server.ts';
import { KubernetesError } from '../../../watch/kubernetes-error.ts';
import { AGENT_POD, aRequest, aReview, openAuthority, TOKEN } from '../../builders/enrolment.ts';
import { Authority } from '../../node/certificates.ts';

const protoDir = join(import.meta.dirname, '../../../api/proto');
const { uid, nodeName } = AGENT_POD;

let dir: string;
let authority: Authority;
let servers: EnrolmentServer[] = [];
let logged: string[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'dynvol-enrolment-'));
  authority = await Authority.make(dir);
  const { crt, key } = await authority.issue('controller', `DNS:${CONTROLLER_IDENTITY}`);
  copyFileSync(crt, join(dir, 'tls.crt'));
  copyFileSync(key, join(dir, 'tls.key'));
  writeFileSync(join(dir, 'token'), `${TOKEN}\n`);
});
afterAll(() => rmSync(dir, { recursive: true }));
afterEach(() => {
  for (const server of servers) server.close();
  [servers, logged] = [[], []];
});

interface Cluster {
  review?: (token: string) => Promise<TokenReviewStatus>;
  pod?: { uid: string; nodeName: string } | undefined;
  tlsDir?: string;
}

/** A controller in a cluster with one agent. */
async function aController(cluster: Cluster = {}) {
  const { review = async () => aReview({}), pod = { uid, nodeName } } = cluster;
  const asked: string[] = [];
  const log = pino({}, { write: (line: string) => logged.push(line) });
  const answerEnrol = createEnrolment({
    async reviewToken(token) {
      asked.push(token);
      return await review(token);
    },
    kubernetes: {
      getPod: async (namespace, name) =>
        namespace === SYSTEM_NAMESPACE && name === AGENT_POD.name
          ? ({ ...pod, namespace, name } as never)
          : undefined,
    },
    readAuthority: () => openAuthority(authority),
    log,
  });
  const { tlsDir = dir } = cluster;
  const server = await startEnrolmentServer({ port: 0, tlsDir, enrol: answerEnrol, log });
  servers.push(server);
  return { asked, port: server.port, answerEnrol };
}

/** Enrols as the agent of a node does. */
function enrolAt(port: number, node: string = nodeName) {
  const enrolmentAddress = `127.0.0.1:${port}`;
  const enrolment = buildEnrolment({
    enrolmentAddress,
    enrolmentDir: dir,
    nodeName: node,
    protoDir,
  });
  const caCertificate = readFileSync(authority.certificate, 'utf8');
  return enrol(enrolment, { nodeName: node, caCertificate });
}

/** Sends any bytes to the enrolment server. */
async function send(port: number, bytes: Buffer): Promise<unknown> {
  const { service } = buildEnrolment({
    ...{ enrolmentAddress: '', enrolmentDir: dir, nodeName, protoDir },
  });
  const { path } = service['Enrol'] as MethodDefinition<EnrolRequest, EnrolResponse>;
  const tls = credentials.createSsl(readFileSync(authority.certificate));
  const options = { 'grpc.ssl_target_name_override': CONTROLLER_IDENTITY };
  const client = new Client(`127.0.0.1:${port}`, tls, options);
  const same = (value: Buffer) => value;
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, same, same, bytes, (error, response) =>
        error ? reject(error) : resolve(response),
      );
    });
  } finally {
    client.close();
  }
}

describe('an agent', () => {
  it('gets a certificate for the node of its pod and the key that it made', async () => {
    const { port, asked } = await aController();

    const { certificate, privateKey, renewAtMs, expiresAtMs } = await enrolAt(port);

    const parsed = new X509Certificate(certificate);
    expect(parsed.subjectAltName).toBe(`DNS:${nodeName}.csi-node.dynvol`);
    expect(privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(asked).toEqual([TOKEN]);
    expect(expiresAtMs - Date.now()).toBeGreaterThan(23 * 3_600_000);
    expect(renewAtMs - Date.now()).toBeLessThan(12 * 3_600_000);
    expect(logged.join('')).toContain(nodeName);
  });

  it('makes another key each time', async () => {
    const { port } = await aController();

    const [one, two] = await Promise.all([enrolAt(port), enrolAt(port)]);

    expect(one.privateKey).not.toBe(two.privateKey);
  });

  it('does not take the certificate of another node', async () => {
    const { port } = await aController();

    await expect(enrolAt(port, 'node2')).rejects.toThrow(
      'is for DNS:node1.csi-node.dynvol, not for node2.csi-node.dynvol',
    );
  });

  it('gives its token to nobody but the controller', async () => {
    const foreign = await Authority.make(mkdtempSync(join(dir, 'foreign-')));
    const pairs = [
      await foreign.issue('controller', `DNS:${CONTROLLER_IDENTITY}`),
      await authority.issue('other', 'DNS:node1.csi-node.dynvol'),
    ];
    for (const { crt, key } of pairs) {
      const tlsDir = mkdtempSync(join(dir, 'tls-'));
      copyFileSync(crt, join(tlsDir, 'tls.crt'));
      copyFileSync(key, join(tlsDir, 'tls.key'));
      const { port, asked } = await aController({ tlsDir });

      await expect(enrolAt(port)).rejects.toThrow('UNAVAILABLE');

      expect(asked).toEqual([]);
    }
  });
});

describe('the controller refuses', () => {
  it.each([
    ['an expired token', { review: async () => ({ error: 'token has expired' }) }, 'has expired'],
    [
      'a token for something else',
      { review: async () => aReview({ audiences: ['x'] }) },
      'audience',
    ],
    [
      'the token of somebody else',
      { review: async () => aReview({ username: 'system:serviceaccount:default:x' }) },
      'default:x',
    ],
    ['a pod that is not where its token says', { pod: { uid, nodeName: 'node2' } }, 'is on node2'],
    ['a pod that has gone', { pod: { uid: 'another', nodeName } }, 'does not exist any more'],
  ])('%s, and says so to the agent and in its log', async (_title, cluster, told) => {
    const { port } = await aController(cluster);

    await expect(enrolAt(port)).rejects.toThrow(new RegExp(`UNAUTHENTICATED.*${told}`));

    expect(logged.join('')).toContain(told);
  });

  it('a proof by another key, without a question to the API server', async () => {
    const { answerEnrol, asked } = await aController();

    await expect(answerEnrol({ ...aRequest(), proof: aRequest().proof })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(asked).toEqual([]);
  });

  it.each([
    ['what is no message', Buffer.from([0xff, 0xff, 0xff]), 'INTERNAL|INVALID_ARGUMENT'],
    ['an empty message', Buffer.alloc(0), 'INVALID_ARGUMENT'],
    ['more than 64 KiB', Buffer.alloc(65 * 1024), 'RESOURCE_EXHAUSTED'],
  ])('%s, and goes on', async (_title, bytes, status) => {
    const { port, asked } = await aController();

    await expect(send(port, bytes)).rejects.toThrow(new RegExp(status));

    expect(asked).toEqual([]);
    await expect(enrolAt(port)).resolves.toBeDefined();
  });

  it('more than 16 at once, and no more when they have been answered', async () => {
    const gate = Promise.withResolvers<TokenReviewStatus>();
    const { answerEnrol, asked } = await aController({ review: () => gate.promise });
    const waiting = Array.from({ length: 16 }, () => answerEnrol(aRequest()));

    await expect(answerEnrol(aRequest())).rejects.toMatchObject({ code: 'OPERATION_PENDING' });

    expect(asked).toHaveLength(16);
    gate.resolve(aReview({}));
    await Promise.all(waiting);
    await expect(answerEnrol(aRequest())).resolves.toBeDefined();
  });
});

describe('what is told', () => {
  it('is that the API server did not answer', async () => {
    const review = () =>
      Promise.reject(new KubernetesError(403, 'Forbidden', 'POST tokenreviews was answered 403'));
    const { port } = await aController({ review });

    await expect(enrolAt(port)).rejects.toThrow('POST tokenreviews was answered 403');
  });

  it('never is a token, a key or a proof', async () => {
    const { port } = await aController();
    const refusing = await aController({ review: async () => ({ error: 'not valid' }) });
    const { privateKey } = await enrolAt(port);

    const refused = enrolAt(refusing.port).then(() => 'enrolled', String);

    const told = (await refused) + logged.join('');
    expect(told).toContain('not valid');
    for (const secret of [...TOKEN.split('.'), ...privateKey.split('\n').slice(1, 3)])
      expect(told).not.toContain(secret);
  });
});
