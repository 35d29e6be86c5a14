// Where does the console listen, and whom does it believe there?
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { chooseWildcard } from '../../api/wildcard.ts';
import { describeError } from '../../logging/describe-error.ts';
import type { ClusterChange } from '../../watch/caches.ts';
import { createConsoleApp } from './app.ts';
import type { ConsoleAppOptions } from './app.ts';
import { createClaimAnswers } from './claim-answers.ts';
import type { ClaimAnswersOptions } from './claim-answers.ts';
import { STREAM_TIMING } from './claim-stream.ts';
import type { StreamTiming } from './claim-stream.ts';
import { ClaimStreams } from './claim-streams.ts';
import { checkLoopbackHost } from './host.ts';
import { readPageFiles } from './page-files.ts';
import type { PageFile } from './page-files.ts';
import { createTokenViewers } from './token-viewers.ts';
import type { TokenViewersOptions } from './token-viewers.ts';
import { EVERYTHING } from './viewer.ts';

export interface ConsoleOptions extends ClaimAnswersOptions, Omit<TokenViewersOptions, 'nowMs'> {
  /** TCP ports; 0 is any that is free. */
  ports: { loopback: number; pod: number };
  /** Holds `tls.crt` and `tls.key` of the controller. */
  tlsDir: string;
  /** Holds the files of the page. */
  filesDir: string;
  log: Logger;
  timing?: StreamTiming;
}

export interface Console {
  ports: { loopback: number; pod: number };
  /** Tells the readers of the stream of a change. */
  note(change: ClusterChange): void;
  close(): Promise<void>;
}

/**
 * Starts both listeners: one for `kubectl port-forward`, which asks nobody who he is, and one with TLS for bearer tokens.
 * @throws Error a port cannot be had, or the certificate cannot be read; then neither listens
 */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { log, ports, tlsDir, timing = STREAM_TIMING } = options;
  const streams = new ClaimStreams(options.view, timing);
  const files = findPage(options.filesDir, log);
  const shared = { answers: createClaimAnswers(options), streams, files, log };
  const loopback = createConsoleApp({ ...shared, ...FOR_PORT_FORWARDS });
  const pod = createConsoleApp({ ...shared, ...forTokens(options) }, readCertificate(tlsDir));
  const close = async (): Promise<void> => {
    streams.close();
    await Promise.all([loopback.close(), pod.close()]);
  };
  try {
    const bound = {
      loopback: await listen(loopback, ports.loopback, '127.0.0.1'),
      pod: await listen(pod, ports.pod, chooseWildcard()),
    };
    log.info({ port: bound.pod }, 'Console started');
    return { ports: bound, note: (change) => streams.note(change), close };
  } catch (error) {
    await close();
    throw error;
  }
}

type Admission = Pick<ConsoleAppOptions, 'admit' | 'findViewer'>;

const FOR_PORT_FORWARDS: Admission = {
  admit: ({ headers }) => checkLoopbackHost(headers.host),
  findViewer: async () => EVERYTHING,
};

function forTokens(options: ConsoleOptions): Admission {
  const findByToken = createTokenViewers({ ...options, nowMs: () => performance.now() });
  return {
    admit: () => {},
    findViewer: ({ headers }) => findByToken(headers.authorization),
  };
}

/** Once: the controller starts anew when its certificate is another one. */
function readCertificate(tlsDir: string): { cert: Buffer; key: Buffer } {
  const read = (file: string): Buffer => readFileSync(join(tlsDir, file));
  return { cert: read('tls.crt'), key: read('tls.key') };
}

/** The command line needs the API alone. */
function findPage(folder: string, log: Logger): Map<string, PageFile> {
  try {
    return readPageFiles(folder);
  } catch (error) {
    log.warn({ err: describeError(error) }, 'Console has no page');
    return new Map();
  }
}

async function listen(app: FastifyInstance, port: number, host: string): Promise<number> {
  try {
    await app.listen({ port, host });
  } catch (error) {
    throw new Error(`The console cannot listen on port ${port} of ${host}`, {
      cause: error,
    });
  }
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
