// How does the checker ask the API server? (with the kubeconfig of the stack, which is JSON and names key files)
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

const TIMEOUT_MS = 10_000;

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority': string } }[];
  users: { user: { 'client-certificate': string; 'client-key': string } }[];
}

/** Reads; never writes. */
export class KubeApi {
  readonly #server: string;
  readonly #agent: Agent;

  /** @param kubeconfig path of the file */
  constructor(kubeconfig: string) {
    const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    const [cluster, user] = [clusters[0]?.cluster, users[0]?.user];
    if (!cluster || !user) throw new Error(`${kubeconfig} names no cluster or no user`);
    this.#server = cluster.server;
    this.#agent = new Agent({
      keepAlive: true,
      ca: readFileSync(cluster['certificate-authority']),
      cert: readFileSync(user['client-certificate']),
      key: readFileSync(user['client-key']),
    });
  }

  /** @throws Error the server does not answer in time, refuses, or does not know the kind */
  async list<T>(path: string): Promise<T[]> {
    const answer = (await this.#get(path)) as { items: T[] } | undefined;
    if (answer === undefined) throw new Error(`${path}: the API server does not know this kind`);
    return answer.items;
  }

  /** The object, or undefined when there is none. */
  async find<T>(path: string): Promise<T | undefined> {
    return (await this.#get(path)) as T | undefined;
  }

  #get(path: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, timeout: TIMEOUT_MS };
      const sent = request(new URL(path, this.#server), options, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          if (answer.statusCode === 404) resolve(undefined);
          else if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`));
          else resolve(JSON.parse(Buffer.concat(chunks).toString()));
        });
      });
      sent.on('timeout', () => sent.destroy(new Error(`${path}: no answer in ${TIMEOUT_MS} ms`)));
      sent.on('error', reject);
      sent.end();
    });
  }
}
