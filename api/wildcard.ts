// On which address does a server listen that is reached by every address of its pod?
import { existsSync } from 'node:fs';

/** Missing where the kernel was started without IPv6 (`ipv6.disable=1`): there `::` cannot be bound. */
const IPV6_ADDRESSES = '/proc/net/if_inet6';

/**
 * Chooses the unspecified address: that of IPv6 takes IPv4 as well (ipv6(7)), so clusters of either family and of both
 * are served.
 *
 * @param table the kernel's list of its IPv6 addresses
 */
export function chooseWildcard(table = IPV6_ADDRESSES): '::' | '0.0.0.0' {
  return existsSync(table) ? '::' : '0.0.0.0';
}

/** The same with a port, as gRPC wants it. */
export function buildWildcardTarget(port: number, table?: string): string {
  const host = chooseWildcard(table);
  return host === '::' ? `[::]:${port}` : `${host}:${port}`;
}
