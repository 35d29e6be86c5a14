// How does the kubelet learn whether a process works?
import { fastify } from 'fastify';
import { chooseWildcard } from '../api/wildcard.ts';
import { EXPOSITION_TYPE } from '../metrics/registry.ts';

/** A running health server. */
export interface HealthServer {
  close(): Promise<void>;
}

/**
 * Answers on all addresses, without TLS: `/livez` 200 as long as the process answers at all (for a liveness probe: an
 * outage elsewhere is no reason to restart it), `/healthz` 200 when it is ready, else 503 with what it waits for, and
 * `/metrics` in Prometheus' text format.
 *
 * @param listMissing what the process still waits for, in words; empty when it is ready
 */
export async function startHealthServer(
  port: number,
  listMissing: () => string[],
  exposeMetrics: () => Promise<string>,
): Promise<HealthServer> {
  const server = fastify();
  server.get('/livez', () => 'ok\n');
  server.get('/healthz', (_request, reply) => {
    const missing = listMissing();
    return missing.length === 0
      ? reply.send('ok\n')
      : reply.code(503).send(`waiting for: ${missing.join(', ')}\n`);
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type(EXPOSITION_TYPE).send(await exposeMetrics()),
  );
  await server.listen({ port, host: chooseWildcard() });
  return { close: () => server.close() };
}
