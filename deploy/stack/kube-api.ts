// How does the boot itself talk to the API server?
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { addresses, ports } from './addresses.ts';
import { certificatePath, keyPath } from './pki.ts';
import { stackPaths } from './stack-paths.ts';

/** An object of the Kubernetes API, as far as the boot cares. */
export type KubernetesObject = Record<string, unknown>;

/** A connection to the API server with the administrator's certificate; usable inside the stack only. */
export type KubeApi = {
  /** @returns the answer's status code and JSON body (undefined when it is not JSON) */
  call(method: string, path: string, body?: KubernetesObject): Promise<KubeAnswer>;
  close(): void;
};
export type KubeAnswer = { status: number; body: KubernetesObject | undefined };

/** Opens it; kubectl would take 60 ms for each call where this takes one or two. */
export function openKubeApi(): KubeApi {
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(stackPaths.caCertificate),
    cert: readFileSync(certificatePath('admin')),
    key: readFileSync(keyPath('admin')),
  });
  return {
    call: (method, path, body) => callApi(agent, method, path, body),
    close: () => agent.destroy(),
  };
}

function callApi(agent: Agent, method: string, path: string, body?: KubernetesObject) {
  return new Promise<KubeAnswer>((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const target = { host: addresses.node, port: ports.kubeApiserver };
    const call = request({ agent, ...target, method, path, headers, timeout: 5_000 }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, body: parseJson(Buffer.concat(chunks)) }),
      );
      answer.on('error', reject);
    });
    call.on('timeout', () => call.destroy(new Error(`${method} ${path} took longer than 5 s`)));
    call.on('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function parseJson(body: Buffer): KubernetesObject | undefined {
  try {
    return JSON.parse(body.toString()) as KubernetesObject;
  } catch {
    return undefined;
  }
}
