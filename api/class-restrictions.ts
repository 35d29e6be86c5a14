// May a claim use a StorageProviderClass, from its namespace and against its endpoint? (pure)
import { checkEndpoint, parseEndpoint } from './endpoint.ts';
import type { Server } from './endpoint.ts';
import { matchesSelector } from './selector.ts';
import type { StorageProviderClass } from './storage-provider-class.ts';

/** What of a claim and its namespace decides. */
export interface RestrictedUse {
  namespace: string;
  /** Labels of the namespace. */
  labels: Record<string, string>;
  endpoint: string;
}

/**
 * Says in one sentence why the class may not be used; undefined when it may. Asked at admission, and again by
 * whoever looks for a claim's class: namespaces and classes change later. Reason `ClassNotAllowed`.
 */
export function checkRestrictions(
  cls: StorageProviderClass,
  use: RestrictedUse,
): string | undefined {
  return checkEndpoint(use.endpoint) ?? checkNamespace(cls, use) ?? checkAllowedEndpoints(cls, use);
}

/** Is the host of an endpoint one that a pattern of `allowedEndpoints` means? A pattern without port means every port. */
export function matchesHost(pattern: string, server: Server): boolean {
  const wildcard = pattern.startsWith('*.');
  const means = parseEndpoint(`http://${wildcard ? pattern.slice(2) : pattern}`);
  const port = /:(\d+)$/.exec(pattern)?.[1];
  if (means === undefined) return false;
  if (port !== undefined && Number(port) !== Number(server.port)) return false;
  return wildcard ? server.host.endsWith(`.${means.host}`) : server.host === means.host;
}

function checkNamespace(
  { metadata, spec }: StorageProviderClass,
  { namespace, labels }: RestrictedUse,
): string | undefined {
  if (!spec.allowedNamespaces || matchesSelector(spec.allowedNamespaces, labels)) return undefined;
  return `StorageProviderClass "${metadata.name}" may not be used in the namespace "${namespace}": its spec.allowedNamespaces does not select it; name another class in spec.storageProviderClassName, or ask for a label on the namespace`;
}

function checkAllowedEndpoints(
  { metadata, spec }: StorageProviderClass,
  { endpoint }: RestrictedUse,
): string | undefined {
  const server = parseEndpoint(endpoint);
  const allowed = spec.allowedEndpoints;
  if (!allowed || server === undefined) return undefined;
  if (allowed.some((pattern) => matchesHost(pattern, server))) return undefined;
  return `StorageProviderClass "${metadata.name}" may not be used with the server "${server.host}:${server.port}": its spec.allowedEndpoints allows ${allowed.join(', ')}; name another class in spec.storageProviderClassName or another server in spec.s3Config.endpoint`;
}
