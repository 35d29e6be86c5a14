// How does a test's own server pass a request on to S3?
import { type IncomingMessage, request, type ServerResponse } from 'node:http';

/** Where S3 listens without TLS. */
export interface PlainServer {
  host: string;
  port: number;
}

/**
 * Passes a request on, and its answer back. The signature covers the Host header, so that it stays as it came.
 *
 * @param passBody how the answer's body goes back; as it comes if absent
 */
export function passOn(
  from: IncomingMessage,
  to: ServerResponse,
  server: PlainServer,
  passBody: (answer: IncomingMessage, to: ServerResponse) => void = (answer) => answer.pipe(to),
): void {
  const { expect: _answeredHere, ...headers } = from.headers;
  const { method, url } = from;
  const onward = request({ ...server, method, path: url, headers }, (answer) => {
    to.writeHead(answer.statusCode ?? 502, answer.headers);
    passBody(answer, to);
  });
  onward.on('error', () => to.destroy());
  to.on('close', () => onward.destroy());
  from.pipe(onward);
}
