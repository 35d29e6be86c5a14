// How does a Kubernetes API server answer requests for one object?
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface StoredObject {
  metadata: {
    namespace?: string;
    name: string;
    uid: string;
    resourceVersion: string;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

/** What a write makes of an object: the caller stores it and answers. */
export type Written = { after: StoredObject } | { gone: StoredObject };

interface ObjectRequest {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  /** Absent for a POST to the collection. */
  name: string | undefined;
}

interface DeleteOptions {
  preconditions?: { uid?: string; resourceVersion?: string };
}

type Merged = Record<string, unknown>;

/** Splits a path into that of the collection and the object's name, without a subresource. */
export function parsePath(pathname: string): { path: string; name?: string } {
  const parts = pathname.split('/').slice(1);
  const root = parts[0] === 'api' ? 2 : 3;
  const isNamespaced = parts[root] === 'namespaces' && parts.length > root + 2;
  const end = isNamespaced ? root + 3 : root + 1;
  const name = parts[end];
  const path = `/${parts.slice(0, end).join('/')}`;
  return name === undefined ? { path } : { path, name: decodeURIComponent(name) };
}

/** The selector of a list or watch; only `metadata.name` is known. */
export function parseFieldSelector(url: URL): (object: StoredObject) => boolean {
  const name = /^metadata\.name=(.*)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
  return (object) => name === undefined || object.metadata.name === name;
}

/** An object as `PartialObjectMetadata`. */
export function pickMetadata({ metadata }: StoredObject): StoredObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}

/** Answers GET and what must be refused; POST, PATCH (merge, and the JSON patch that sets a status) and DELETE it decides. */
export async function answerObject(
  objects: Map<string, StoredObject>,
  { request, response, url, name }: ObjectRequest,
): Promise<Written | undefined> {
  const body = await readBody(request);
  const known = [...objects.values()].find((object) => object.metadata.name === name);
  if (request.method === 'POST') {
    const created = create(objects, body as StoredObject, response);
    if (created === undefined || !url.searchParams.has('dryRun')) return created;
    answer(response, body as StoredObject);
    return undefined;
  }
  if (known === undefined) {
    refuse(response, 404, 'NotFound', `"${name}" not found`);
    return undefined;
  }
  if (request.method === 'PATCH') {
    return patch(known, body, { response, isStatus: url.pathname.endsWith('/status') });
  }
  if (request.method === 'DELETE') {
    return remove(known, body as DeleteOptions, response);
  }
  const isPartial = request.headers.accept?.includes('as=PartialObjectMetadata;');
  answer(response, isPartial ? pickMetadata(known) : known);
  return undefined;
}

function create(
  objects: Map<string, StoredObject>,
  given: StoredObject,
  response: ServerResponse,
): Written | undefined {
  if ([...objects.values()].some((one) => one.metadata.name === given.metadata.name)) {
    refuse(response, 409, 'AlreadyExists', `"${given.metadata.name}" already exists`);
    return undefined;
  }
  return { after: { ...given, metadata: { ...given.metadata, uid: randomUUID() } } };
}

function patch(
  known: StoredObject,
  body: unknown,
  { response, isStatus }: { response: ServerResponse; isStatus: boolean },
): Written | undefined {
  if (isStatus) {
    const [test, add] = body as [{ value: string }, { value: unknown }];
    if (test.value !== known.metadata.uid) {
      refuse(response, 422, 'Invalid', 'the test of /metadata/uid failed');
      return undefined;
    }
    return { after: { ...known, status: add.value } };
  }
  const { metadata } = body as { metadata?: { resourceVersion?: string } };
  const expected = metadata?.resourceVersion ?? known.metadata.resourceVersion;
  if (expected !== known.metadata.resourceVersion) {
    refuse(response, 409, 'Conflict', 'the object has been modified');
    return undefined;
  }
  return { after: merge(known, body as Merged) as StoredObject };
}

function remove(
  known: StoredObject,
  { preconditions = {} }: DeleteOptions,
  response: ServerResponse,
): Written | undefined {
  const { uid, resourceVersion } = known.metadata;
  const meant = { uid, resourceVersion, ...preconditions };
  if (meant.uid !== uid || meant.resourceVersion !== resourceVersion) {
    refuse(response, 409, 'Conflict', 'the precondition does not hold');
    return undefined;
  }
  return { gone: known };
}

/** JSON merge patch (RFC 7386). */
function merge(target: unknown, change: Merged): Merged {
  const merged: Merged = { ...(target as Merged) };
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete merged[key];
    else if (typeof value === 'object' && !Array.isArray(value)) {
      merged[key] = merge(merged[key], value as Merged);
    } else merged[key] = value;
  }
  return merged;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string;
  return text === '' ? {} : JSON.parse(text);
}

/** Answers with an object. */
export function answer(response: ServerResponse, object: object): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(object));
}

/** Answers with a `metav1.Status`. */
export function refuse(
  response: ServerResponse,
  code: number,
  reason: string,
  message: string,
): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ kind: 'Status', status: 'Failure', code, reason, message }));
}
