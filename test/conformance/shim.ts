// What does csi-sanity talk to, when a driver has only volumes that the kubelet makes with a pod?
import {
  Client,
  credentials,
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { loadService } from '../../csi-node/grpc-handler.ts';
import { PROTO_DIR } from '../node/agent-client.ts';
import type { Pod } from '../node/pods.ts';

interface ShimOptions {
  /** Unix socket for csi-sanity. */
  socket: string;
  /** The agent's CSI socket. */
  agentSocket: string;
  /** Whose volume every CreateVolume gives. */
  pod: Pod;
}

type Method = MethodDefinition<object, object>;
type Handler = handleUnaryCall<object, object>;

/** The target path that csi-sanity makes up, in the folder of the kubelet's. */
function buildSanityTarget(targetPath: string): string {
  return targetPath.replace(/\/mount$/, '/target');
}

interface Change {
  request?: (request: object) => object;
  response?: (response: object) => object;
}

const same = (message: object) => message;

/** Passes a call on to the agent, and its answer or refusal back. */
function forward(agent: Client, method: Method, change: Change): Handler {
  const { request: toRequest = same, response: toResponse = same } = change;
  return ({ request }, reply) =>
    void agent.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      toRequest(request),
      (error, response) => reply(error, response && toResponse(response)),
    );
}

function forwardAll(
  agent: Client,
  service: ServiceDefinition,
  changes: (name: string) => Change,
): Record<string, Handler> {
  const methods = Object.entries(service) as [string, Method][];
  return Object.fromEntries(
    methods.map(([name, method]) => [name, forward(agent, method, changes(name))]),
  );
}

function answer(response: object): Handler {
  return (_call, reply) => reply(null, response);
}

/** The kubelet's target path instead of csi-sanity's. */
function useKubeletTarget(targetPath: string): (request: object) => object {
  const sanityTarget = buildSanityTarget(targetPath);
  return (request) =>
    'targetPath' in request && request.targetPath === sanityTarget
      ? { ...request, targetPath }
      : request;
}

/** The agent's capabilities, and that of having a controller. */
function claimController(response: object): object {
  const { capabilities } = response as { capabilities: object[] };
  return { capabilities: [...capabilities, { service: { type: 'CONTROLLER_SERVICE' } }] };
}

/** A volume as the kubelet would publish it: with the pod's own id and context. */
function buildController(pod: Pod): UntypedServiceImplementation {
  const { volumeId, volumeContext } = pod.publishRequest;
  return {
    ControllerGetCapabilities: answer({
      capabilities: [{ rpc: { type: 'CREATE_DELETE_VOLUME' } }],
    }),
    CreateVolume: answer({ volume: { volumeId, volumeContext } }),
    DeleteVolume: answer({}),
  };
}

/**
 * Serves the agent's Identity and Node services, unchanged but for the target path, and beside them the controller that
 * an ephemeral driver lacks. Without it csi-sanity leaves out whatever needs a volume.
 */
export async function startShim({
  socket,
  agentSocket,
  pod,
}: ShimOptions): Promise<AsyncDisposable> {
  const load = (name: string) => loadService(PROTO_DIR, 'csi.proto', `csi.v1.${name}`);
  const options = { 'grpc.default_authority': 'localhost' };
  const agent = new Client(`unix://${agentSocket}`, credentials.createInsecure(), options);
  const server = new Server();
  const identity = forwardAll(agent, load('Identity'), (name) =>
    name === 'GetPluginCapabilities' ? { response: claimController } : {},
  );
  server.addService(load('Identity'), identity);
  server.addService(load('Controller'), buildController(pod));
  const request = useKubeletTarget(pod.targetPath);
  server.addService(
    load('Node'),
    forwardAll(agent, load('Node'), () => ({ request })),
  );
  await new Promise<void>((resolve, reject) => {
    const done = (error: Error | null) => (error ? reject(error) : resolve());
    server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), done);
  });
  return {
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
      agent.close();
    },
  };
}
