// How does a worker in another process reach the cluster and the agents of a test?
import { VolumeError } from '../../api/errors.ts';
import type { ErrorCode } from '../../api/errors.ts';
import type { AttachResponse, DetachResponse, ListResponse } from '../../api/node-agent.ts';
import type { CallOptions, NodeAgents } from '../../activities/node-agents.ts';
import { KubernetesError } from '../../watch/kubernetes-error.ts';
import type { KubernetesApi } from '../../watch/kubernetes.ts';
import { FakeCluster } from '../builders/fake-cluster.ts';

/** What the worker asks of the test: a request to one of the fakes, or leave to pass a boundary. */
export interface Ask {
  /** Place of the scene among those of the process. */
  scene: number;
  id: number;
  target: 'kubernetes' | 'agents' | 'boundary';
  method: string;
  args: unknown[];
}

/** Every answer also brings the objects for the worker's caches. */
export interface Answer {
  id: number;
  value?: unknown;
  error?: RemoteError;
  objects: CachedObjects;
}

/** What the worker is told at its start. */
export interface Start {
  address: string;
  code: string;
  taskQueues: string[];
}

interface RemoteError {
  message: string;
  status?: number;
  reason?: string;
  code?: ErrorCode;
}

const CACHED = ['claims', 'classes', 'secrets', 'secretVersions', 'pods', 'agents'] as const;
type CachedObjects = Pick<FakeCluster, (typeof CACHED)[number]>;

export function pickCached(cluster: FakeCluster): CachedObjects {
  return Object.fromEntries(CACHED.map((name) => [name, cluster[name]])) as CachedObjects;
}

/** An error as data; its class would be lost on the way. */
export function encodeError(thrown: unknown): RemoteError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof KubernetesError) {
    return { message, status: thrown.status, reason: thrown.reason };
  }
  return thrown instanceof VolumeError ? { message, code: thrown.code } : { message };
}

function decodeError({ message, status, reason, code }: RemoteError): Error {
  if (status !== undefined) return new KubernetesError(status, reason ?? '', message);
  return code === undefined ? new Error(message) : new VolumeError(code, message);
}

/** The fakes of one scene, as its worker in the other process sees them. */
export class RemoteScene {
  readonly kubernetes: KubernetesApi;
  readonly agents: NodeAgents;
  readonly #caches = new FakeCluster();
  readonly #send: (ask: Ask) => void;
  readonly #scene: number;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  constructor(scene: number, send: (ask: Ask) => void) {
    this.#scene = scene;
    this.#send = send;
    this.kubernetes = this.#buildKubernetes();
    this.agents = this.#buildAgents();
  }

  get view() {
    return this.#caches.view;
  }

  readonly reach = async (boundary: string): Promise<void> => {
    await this.#ask('boundary', boundary, []);
  };

  /** Takes in an answer of the test. */
  take(answer: Answer): void {
    for (const name of CACHED) {
      replaceAll(this.#caches[name], answer.objects[name]);
    }
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  async #ask(target: Ask['target'], method: string, args: unknown[]): Promise<unknown> {
    const id = ++this.#asked;
    const answered = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#send({ scene: this.#scene, id, target, method, args });
    const { value, error } = await answered;
    if (error) throw decodeError(error);
    return value;
  }

  #buildKubernetes(): KubernetesApi {
    const isData = (arg: unknown) => !(arg instanceof AbortSignal);
    const forwarded = Object.keys(this.#caches.kubernetes).map((method) => [
      method,
      (...args: unknown[]) => this.#ask('kubernetes', method, args.filter(isData)),
    ]);
    return Object.fromEntries(forwarded) as KubernetesApi;
  }

  #buildAgents(): NodeAgents {
    const call = (method: string, node: string, request: unknown, options: CallOptions) =>
      unlessAborted(this.#ask('agents', method, [node, request]), options.signal);
    return {
      attach: async (node, request, options) =>
        (await call('attach', node, request, options)) as AttachResponse,
      detach: async (node, request, options) =>
        (await call('detach', node, request, options)) as DetachResponse,
      list: async (node, request, options) =>
        (await call('list', node, request, options)) as ListResponse,
      // Activities neither watch nor read statistics.
      readStatistics: () => Promise.reject(new Error('no activity reads statistics')),
      async *watch() {},
      close: () => {},
    };
  }
}

/** The agent goes on with what was asked of it, as behind a real connection. */
function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  return Promise.race([answer, aborted]);
}

function replaceAll(map: Map<string, unknown>, others: Map<string, unknown>): void {
  map.clear();
  for (const [key, value] of others) map.set(key, value);
}
