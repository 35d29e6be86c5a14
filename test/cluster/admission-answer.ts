// What does the API server answer to a pod, and what would admission/ answer? (nothing is stored)
import { request } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { DeniedError } from '../../admission/denied-error.ts';
import type { AddOperation } from '../../admission/inject-volume.ts';
import { reviewPod, reviewPodOfInjectedNamespace } from '../../admission/review-pod.ts';
import { aClass } from '../builders/objects.ts';
import { aRequest, lookUps } from '../builders/reviews.ts';

const config = new KubeConfig();
config.loadFromDefault();

/** What became of a pod. */
export interface Answer {
  /** Of the pod that was admitted. */
  spec?: unknown;
  /** Why it was refused, without the name of who refused it. */
  refusal?: string;
  warnings: string[];
}

type Json = Record<string, unknown>;

/** A namespace. */
export interface Place {
  namespace: string;
  /** Its annotations; undefined when it has no injection label. */
  defaults?: Record<string, string> | undefined;
}

/** Asks the API server to create the pod, as `kubectl create --dry-run=server` does. */
export async function askToCreate(pod: Json, namespace: string): Promise<Answer> {
  const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
  return await ask('POST', path, 'application/json', inNamespace(pod, namespace));
}

/** Asks the API server to set annotations of a pod that exists. */
export async function askToAnnotate(
  pod: { name: string; namespace: string },
  annotations: Record<string, string>,
): Promise<Answer> {
  const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}?dryRun=All`;
  return await ask('PATCH', path, 'application/merge-patch+json', { metadata: { annotations } });
}

/** What admission/ makes of the pod, when the named class is the only one. */
export async function predict(pod: Json, className: string, place: Place): Promise<Answer> {
  const { namespace, defaults } = place;
  const spec = pod['spec'];
  const review = { ...aRequest(pod), namespace };
  const looks = lookUps({
    findClass: (name) => Promise.resolve(name === className ? aClass(name) : undefined),
    findNamespace: () => Promise.resolve({ labels: {}, annotations: defaults ?? {} }),
  });
  const judge = defaults === undefined ? reviewPod : reviewPodOfInjectedNamespace;
  try {
    const { patch = [], warnings = [] } = await judge(review, looks);
    return { spec: patched({ spec }, patch)['spec'], warnings };
  } catch (error) {
    if (!(error instanceof DeniedError)) throw error;
    return { refusal: error.message, warnings: [] };
  }
}

/** Without a token of its own a pod gets no volume with a name that is another one each time. */
function inNamespace(pod: Json, namespace: string): Json {
  const spec = { ...(pod['spec'] as Json), automountServiceAccountToken: false };
  return { ...pod, spec, metadata: { ...(pod['metadata'] as Json), namespace } };
}

/** Applies a patch of additions, as the API server does. */
function patched(object: Json, operations: AddOperation[]): Json {
  const result = structuredClone(object);
  for (const { path, value } of operations) {
    const parts = path.slice(1).split('/');
    const last = parts.pop() ?? '';
    const parent = parts.reduce<unknown>((at, part) => (at as Json)[part], result);
    if (last === '-') (parent as unknown[]).push(value);
    else (parent as Json)[last] = value;
  }
  return result;
}

async function ask(method: string, path: string, type: string, body: Json): Promise<Answer> {
  const options: Parameters<typeof config.applyToHTTPSOptions>[0] = {
    method,
    headers: { 'content-type': type },
  };
  await config.applyToHTTPSOptions(options);
  const url = new URL(path, config.getCurrentCluster()?.server);
  return await new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      const warnings = (response.headersDistinct['warning'] ?? []).map(parseWarning);
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ ...parseAnswer(JSON.parse(text) as Json), warnings }));
    });
    sent.once('error', reject);
    sent.end(JSON.stringify(body));
  });
}

function parseAnswer(answer: Json): Omit<Answer, 'warnings'> {
  if (answer['kind'] === 'Pod') return { spec: answer['spec'] };
  return { refusal: String(answer['message']).replace(/^.*? denied (the )?request: /s, '') };
}

/** `299 - "words"` (RFC 7234, section 5.5); a policy puts its name before the sentence. */
function parseWarning(header: string): string {
  const quoted = /"(.*)"/s.exec(header)?.[1] ?? header;
  const words = quoted.replaceAll(/\\(.)/g, '$1');
  return words.replace(/^Validation failed for ValidatingAdmissionPolicy '.*?': /, '');
}
