// Who are the agents to the controller, and who can become one?
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, type PeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AGENT_PORT,
  AGENT_SERVICE_ACCOUNT,
  buildAgentIdentity,
  COMPONENT_LABEL,
  COMPONENTS,
  ENROLMENT_AUDIENCE,
  ENROLMENT_PORT,
  SYSTEM_NAMESPACE,
} from '../../api/names.ts';
import { buildEnrolment, enrol } from '../../csi-node/enrol.ts';
import { find, list, type AnyObject } from './kube.ts';
import { NODES } from './node.ts';
import { runOk } from './programs.ts';

const protoDir = path.join(import.meta.dirname, '../../api/proto');
const DAY_MS = 24 * 60 * 60_000;

/** The controller's certificate, its key and the authority, PEM. */
let worker: { ca: string; cert: string; key: string };
let agents: AnyObject[];
let enrolmentAddress: string;
let folder: string;

async function read(apiVersion: string, kind: string, name: string): Promise<AnyObject> {
  const found = await find({ apiVersion, kind, metadata: { name, namespace: SYSTEM_NAMESPACE } });
  if (found === undefined) throw new Error(`There is no ${kind} ${name}`);
  return found;
}

beforeAll(async () => {
  const { data } = await read('v1', 'Secret', 'dynvol-worker-tls');
  const decode = (key: string) => Buffer.from(String(data[key]), 'base64').toString();
  worker = { ca: decode('ca.crt'), cert: decode('tls.crt'), key: decode('tls.key') };
  const selector = `${COMPONENT_LABEL}=${COMPONENTS.agent}`;
  agents = await list('v1', 'Pod', SYSTEM_NAMESPACE, selector);
  const { spec } = await read('v1', 'Service', 'dynvol-enrolment');
  enrolmentAddress = `${spec.clusterIP}:${ENROLMENT_PORT}`;
  folder = await mkdtemp(path.join(tmpdir(), 'dynvol-identity-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Connects to an agent as the controller does, expecting a node's agent there. */
async function meet(agent: AnyObject, nodeName: string): Promise<PeerCertificate> {
  const servername = buildAgentIdentity(nodeName);
  const { promise, resolve, reject } = Promise.withResolvers<PeerCertificate>();
  const socket = connect(
    { ...worker, host: agent['status'].podIP, port: AGENT_PORT, servername, ALPNProtocols: ['h2'] },
    () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    },
  );
  socket.on('error', reject);
  return await promise;
}

/** Enrols with a token of the API server's, as an agent of the node. */
async function enrolWith(nodeName: string, ...token: string[]) {
  const text = await runOk('kubectl', ['create', 'token', '-n', SYSTEM_NAMESPACE, ...token]);
  await writeFile(path.join(folder, 'token'), text);
  const config = { enrolmentAddress, enrolmentDir: folder, nodeName, protoDir };
  return await enrol(buildEnrolment(config), { nodeName, caCertificate: worker.ca });
}

describe('the agent of each node', () => {
  it('has a certificate of its own for its node, which ends within a day', async () => {
    const met = await Promise.all(
      agents.map((agent) => meet(agent, String(agent['spec'].nodeName))),
    );

    expect(new Set(agents.map((agent) => agent['spec'].nodeName))).toEqual(new Set(NODES));
    expect(new Set(met.map(({ fingerprint256 }) => fingerprint256)).size).toBe(NODES.length);
    for (const { valid_to: end } of met)
      expect(Date.parse(end) - Date.now()).toBeLessThanOrEqual(DAY_MS);
  });

  it('is not taken for that of another node', async () => {
    const [agent] = agents;
    const other = NODES.find((name) => name !== agent?.['spec'].nodeName) ?? '';

    await expect(meet(agent as AnyObject, other)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('is given no key by the chart', async () => {
    const { spec } = await read('apps/v1', 'DaemonSet', 'csi-node');

    const volumes = JSON.stringify(spec.template.spec.volumes);
    expect(volumes).toContain('serviceAccountToken');
    expect(volumes).not.toContain('secret');
  });
});

describe('the controller', () => {
  it('enrols who has the token of an agent’s pod, for the node of that pod', async () => {
    const [agent] = agents as [AnyObject];
    const { name = '', uid = '' } = agent.metadata ?? {};
    const bound = Object.entries({ kind: 'Pod', name, uid });
    const pod = bound.map(([key, value]) => `--bound-object-${key}=${value}`);
    const token = [AGENT_SERVICE_ACCOUNT, `--audience=${ENROLMENT_AUDIENCE}`, ...pod];

    const { certificate } = await enrolWith(String(agent['spec'].nodeName), ...token);

    expect(certificate).toContain('BEGIN CERTIFICATE');
    const other = NODES.find((node) => node !== agent['spec'].nodeName) ?? '';
    await expect(enrolWith(other, ...token)).rejects.toThrow(
      `not for ${buildAgentIdentity(other)}`,
    );
  });

  it.each([
    [
      'the token of another service account',
      ['dynvol-webhook', `--audience=${ENROLMENT_AUDIENCE}`],
      'only system:serviceaccount:dynvol-system:dynvol-csi-node may enrol',
    ],
    ['a token for something else', [AGENT_SERVICE_ACCOUNT, '--audience=else'], 'does not accept'],
    [
      'a token that is bound to no pod',
      [AGENT_SERVICE_ACCOUNT, `--audience=${ENROLMENT_AUDIENCE}`],
      'not bound to a pod',
    ],
  ])('refuses %s', async (_title, token, told) => {
    await expect(enrolWith(NODES[0] ?? '', ...token)).rejects.toThrow(told);
  });
});
