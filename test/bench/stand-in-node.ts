// A node that exists only as objects, with an agent in this process: what can the control plane do alone?
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Server, ServerCredentials, loadPackageDefinition } from '@grpc/grpc-js';
import type { sendUnaryData, ServerUnaryCall, ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import {
  AGENT_PORT,
  buildAgentIdentity,
  COMPONENT_LABEL,
  COMPONENTS,
  SYSTEM_NAMESPACE,
} from '../../api/names.ts';
import { PROTO_OPTIONS } from '../../api/node-agent.ts';
import type {
  AttachRequest,
  DetachRequest,
  ListRequest,
  StatisticsRequest,
} from '../../api/node-agent.ts';
import { addresses } from '../../deploy/stack/addresses.ts';
import { FakeAgents } from '../builders/fake-agents.ts';
import { apply, find, type AnyObject, type Ref } from '../cluster/kube.ts';
import { runOk } from '../cluster/programs.ts';
import { Authority } from '../node/certificates.ts';

export const STAND_IN_NODE = 'stand-in';

const nodeRef: Ref = { apiVersion: 'v1', kind: 'Node', metadata: { name: STAND_IN_NODE } };
const agentRef: Ref = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'stand-in-agent', namespace: SYSTEM_NAMESPACE },
};
const image = 'dynvol/busybox:0.2.0';

/** Takes away what {@link startStandInNode} made. */
export interface StandInNode extends AsyncDisposable {
  agents: FakeAgents;
}

/** Makes the node and its agent, which mounts nothing and answers at once. */
export async function startStandInNode(): Promise<StandInNode> {
  const agents = new FakeAgents();
  const server = await serve(agents);
  // Without allocatable resources nothing is ever scheduled to it.
  await apply({ ...nodeRef, spec: { unschedulable: true } });
  const labels = { [COMPONENT_LABEL]: COMPONENTS.agent };
  await apply({
    ...agentRef,
    metadata: { ...agentRef.metadata, labels },
    spec: { nodeName: STAND_IN_NODE, containers: [{ name: 'agent', image }] },
  });
  await setRunning(agentRef, addresses.node);
  return {
    agents,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
      await removeNow(agentRef);
      await runOk('kubectl', ['delete', 'node', STAND_IN_NODE]);
    },
  };
}

/** Makes a pod on the stand-in node look as if it ran. */
export async function setRunning(pod: Ref, podIP = '10.255.255.1'): Promise<void> {
  const condition = (type: string) => ({ type, status: 'True' });
  const conditions = ['PodReadyToStartContainers', 'Ready', 'PodScheduled'].map(condition);
  const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions };
  const { name, namespace = '' } = pod.metadata;
  const how = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
  await runOk('kubectl', ['patch', 'pod', '-n', namespace, name, ...how]);
}

/** No kubelet confirms the end of these pods. */
export async function removeNow(pod: Ref): Promise<void> {
  const { name, namespace = '' } = pod.metadata;
  await runOk('kubectl', ['delete', 'pod', '-n', namespace, name, '--grace-period=0', '--force']);
}

async function serve(agents: FakeAgents): Promise<Server> {
  const file = new URL('../../api/proto/node-agent.proto', import.meta.url).pathname;
  const loaded = loadPackageDefinition(loadSync(file, PROTO_OPTIONS)) as unknown as {
    dynvol: { node: { v1: { NodeAgent: ServiceClientConstructor } } };
  };
  const options = { signal: new AbortController().signal, deadlineMs: 60_000 };
  const server = new Server();
  server.addService(loaded.dynvol.node.v1.NodeAgent.service, {
    Attach: answer((request: AttachRequest) => agents.attach(STAND_IN_NODE, request, options)),
    Detach: answer((request: DetachRequest) => agents.detach(STAND_IN_NODE, request, options)),
    List: answer((request: ListRequest) => agents.list(STAND_IN_NODE, request, options)),
    ReadStatistics: answer((request: StatisticsRequest) =>
      agents.readStatistics(STAND_IN_NODE, request, options),
    ),
    // Stays open: here every source serves for ever.
    Watch: () => undefined,
  });
  const tls = await issueCertificate();
  const address = `${addresses.node}:${AGENT_PORT}`;
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, tls, (error) => (error ? reject(error) : resolve()));
  });
  return server;
}

function answer<Request>(work: (request: Request) => Promise<object>) {
  return (call: ServerUnaryCall<Request, object>, reply: sendUnaryData<object>): void => {
    work(call.request).then(
      (response) => reply(null, response),
      (error: Error) => reply(error),
    );
  };
}

/** A certificate such as the controller signs for the agent of a node. */
async function issueCertificate(): Promise<ServerCredentials> {
  const metadata = { name: 'dynvol-certificates', namespace: SYSTEM_NAMESPACE };
  const secret = await find({ apiVersion: 'v1', kind: 'Secret', metadata });
  const decode = (key: string) => Buffer.from(String((secret as AnyObject)['data'][key]), 'base64');
  const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-bench-'));
  try {
    for (const name of ['ca.crt', 'ca.key'])
      await writeFile(path.join(folder, name), decode(name), { mode: 0o600 });
    const authority = Authority.open(folder);
    const names = `DNS:${buildAgentIdentity(STAND_IN_NODE)}`;
    const { crt, key } = await authority.issue('agent', names);
    const pair = { private_key: await readFile(key), cert_chain: await readFile(crt) };
    return ServerCredentials.createSsl(decode('ca.crt'), [pair], true);
  } finally {
    await rm(folder, { recursive: true });
  }
}
