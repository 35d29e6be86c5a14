// Which server does the endpoint of a claim name, and may any claim name it?
import { BlockList } from 'node:net';

/** Host and port as they are connected to: lower case, numbers of every notation as an IP address. */
export interface Server {
  host: string;
  port: string;
}

const DEFAULT_PORTS: Record<string, string> = { 'http:': '80', 'https:': '443' };

/** Takes an endpoint apart; undefined when it is not the URL of an HTTP server. */
export function parseEndpoint(endpoint: string): Server | undefined {
  if (!URL.canParse(endpoint)) return undefined;
  const { protocol, hostname, port } = new URL(endpoint);
  const usual = DEFAULT_PORTS[protocol];
  return usual === undefined ? undefined : { host: hostname, port: port || usual };
}

/** Addresses of the machine itself, and those where clouds hand out credentials of the node. */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('0.0.0.0', 8, 'ipv4');
FORBIDDEN.addSubnet('127.0.0.0', 8, 'ipv4');
FORBIDDEN.addSubnet('169.254.0.0', 16, 'ipv4');
FORBIDDEN.addAddress('::', 'ipv6');
FORBIDDEN.addAddress('::1', 'ipv6');
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6');

const FORBIDDEN_NAMES = /^(localhost|.*\.localhost|metadata\.google\.internal)$/;

/**
 * Says why no claim may name this endpoint: loopback, link-local and the metadata services of clouds
 * (CVE-2020-8555, CVE-2025-13281); undefined when one may. Names are not resolved.
 */
export function checkEndpoint(endpoint: string): string | undefined {
  const server = parseEndpoint(endpoint);
  if (server === undefined) return 'spec.s3Config.endpoint: is not the URL of an HTTP server';
  if (!isForbidden(server.host)) return undefined;
  return `spec.s3Config.endpoint: names a loopback, link-local or metadata address ("${server.host}"); allowed are servers that mount pods can reach by the network`;
}

function isForbidden(host: string): boolean {
  if (FORBIDDEN_NAMES.test(host)) return true;
  if (host.startsWith('[')) return FORBIDDEN.check(host.slice(1, -1), 'ipv6');
  return /^[\d.]+$/.test(host) && FORBIDDEN.check(host, 'ipv4');
}
