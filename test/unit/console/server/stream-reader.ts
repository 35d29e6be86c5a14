// How does a test read the stream over a real socket?
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamicVolumeClaim } from '../../../../api/dynamic-volume-claim.ts';
import type { ClaimSummary } from '../../../../console/model/views.ts';
import type { StreamTiming } from '../../../../console/server/claim-stream.ts';
import { FakeConsole } from '../../../builders/console.ts';
import type { Rights } from '../../../builders/console.ts';
import { aClaim } from '../../../builders/objects.ts';
import { waitUntil } from '../../../wait-until.ts';

const CLOSERS: (() => Promise<void>)[] = [];

/** Runs later, before what was given earlier. */
export function closeLater(close: () => Promise<void>): void {
  CLOSERS.unshift(close);
}

/** For `afterEach`. */
export async function closeAll(): Promise<void> {
  for (const close of CLOSERS.splice(0)) await close();
}

/** A console that listens, for bearer tokens if there are rights. */
export async function startStreams(
  options: { rights?: Rights; timing?: Partial<StreamTiming> } = {},
) {
  const fake = new FakeConsole({ ...options, timing: { coalesceMs: 20, ...options.timing } });
  const app = options.rights ? fake.buildTokenApp() : fake.buildOpenApp();
  await app.listen({ port: 0, host: '127.0.0.1' });
  closeLater(async () => {
    fake.streams.close();
    await app.close();
  });
  const { port } = app.server.address() as AddressInfo;
  return { fake, app, port };
}

/** One reader of the stream, and what it was sent. */
export class Reader {
  text = '';
  isEnded = false;
  readonly response: IncomingMessage;

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
    });
    const end = () => {
      this.isEnded = true;
    };
    response.on('close', end).on('error', end);
  }

  static open(port: number, { path = '/api/stream', token = '' } = {}): Promise<Reader> {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    return new Promise((resolve, reject) => {
      get({ port, path, headers, agent: false }, (response) => {
        const reader = new Reader(response);
        closeLater(async () => void response.destroy());
        resolve(reader);
      }).on('error', reject);
    });
  }

  /** Events that are complete, oldest first: names of claims, or UIDs of those that are gone. */
  get events(): [string, string[]][] {
    return this.text.split('\n\n').flatMap((block): [string, string[]][] => {
      const [, type = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
      if (type === '') return [];
      const value = JSON.parse(data) as string[] | { claims: ClaimSummary[] };
      return [[type, Array.isArray(value) ? value : value.claims.map(({ name }) => name)]];
    });
  }

  async waitFor(count: number): Promise<void> {
    await waitUntil(
      `${count} events are there`,
      () => this.events.length >= count,
      10_000,
      () => this.text,
    );
  }
}

export function aNamed(name: string, namespace = 'shop', uid = `uid-${name}`): DynamicVolumeClaim {
  return aClaim({ metadata: { name, namespace, uid } });
}
