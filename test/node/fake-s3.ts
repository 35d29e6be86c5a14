// What does rclone send to a server? (one with a single empty bucket, that remembers the requests)
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { findFreePort } from './storage.ts';

const EMPTY_LIST =
  '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';

/** A server that answers every listing with nothing. */
export interface FakeS3 extends AsyncDisposable {
  endpoint: string;
  requests: { url: string; headers: IncomingHttpHeaders }[];
}

export async function startFakeS3(): Promise<FakeS3> {
  const port = await findFreePort();
  const requests: FakeS3['requests'] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers });
    response.setHeader('Content-Type', 'application/xml').end(EMPTY_LIST);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
