// What does one reader of the stream get, and when is it cut off?
import type { ServerResponse } from 'node:http';
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import type { ClusterView } from '../../watch/cluster-view.ts';
import { buildClaimSummary } from '../model/summary.ts';
import type { ClaimsAnswer } from '../model/views.ts';
import { filterNamespaces } from './viewer.ts';
import type { Viewer } from './viewer.ts';

/** Milliseconds. */
export interface StreamTiming {
  /** Between two events at least. */
  coalesceMs: number;
  /** Between two signs of life. */
  heartbeatMs: number;
  /** How long a reader may leave unread what was sent. */
  stallMs: number;
}

export const STREAM_TIMING: StreamTiming = {
  coalesceMs: 250,
  heartbeatMs: 15_000,
  stallMs: 10_000,
};

/** A claim in few words. */
export type ClaimKey = Pick<DynamicVolumeClaim['metadata'], 'namespace' | 'name' | 'uid'>;

export interface StreamOptions {
  view: Pick<ClusterView, 'claim' | 'claims'>;
  viewer: Viewer;
  /** Only this one; undefined for all that the viewer may see. */
  namespace: string | undefined;
  response: ServerResponse;
  timing: StreamTiming;
}

/** Sends the claims that changed, at most every {@link StreamTiming.coalesceMs}. */
export class ClaimStream {
  readonly #options: StreamOptions;
  readonly #changed = new Map<string, ClaimKey>();
  readonly #gone = new Map<string, ClaimKey>();
  readonly #heartbeat: NodeJS.Timeout;
  #pause: NodeJS.Timeout | undefined;
  #stall: NodeJS.Timeout | undefined;
  #isSending = false;

  /** The response's head must have been sent. */
  constructor(options: StreamOptions) {
    this.#options = options;
    const { response, timing } = options;
    this.#heartbeat = setInterval(() => void this.#beat(), timing.heartbeatMs);
    response.on('drain', () => this.#resume());
    response.once('close', () => this.#stop());
    void this.#sendAll();
  }

  noteChanged(claim: ClaimKey): void {
    this.#changed.set(claim.uid, claim);
    this.#schedule();
  }

  noteGone(claim: ClaimKey): void {
    this.#changed.delete(claim.uid);
    this.#gone.set(claim.uid, claim);
    this.#schedule();
  }

  close(): void {
    this.#options.response.end();
  }

  /** What changes meanwhile is collected, so a reader that is slow costs no memory. */
  #schedule(): void {
    const isBusy = this.#isSending || this.#pause !== undefined || this.#stall !== undefined;
    if (!isBusy && !this.#options.response.destroyed) void this.#sendChanges();
  }

  /** The first event names all that there is. */
  async #sendAll(): Promise<void> {
    await this.#send(async () => {
      const { view, viewer, namespace } = this.#options;
      const claims = view
        .claims()
        .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
      const seen = await filterNamespaces(viewer, listNamespaces(claims));
      const visible = claims.filter(({ metadata }) => seen.has(metadata.namespace));
      return [buildEvent('change', { claims: visible.map(buildClaimSummary) })];
    });
  }

  async #sendChanges(): Promise<void> {
    await this.#send(async () => {
      const changed = [...this.#changed.values()];
      const gone = [...this.#gone.values()];
      this.#changed.clear();
      this.#gone.clear();
      const seen = await this.#findVisible([...changed, ...gone]);
      const claims = changed.filter(({ namespace }) => seen.has(namespace)).flatMap(this.#find);
      const uids = gone.filter(({ namespace }) => seen.has(namespace)).map(({ uid }) => uid);
      return [
        ...(uids.length > 0 ? [buildEvent('gone', uids)] : []),
        ...(claims.length > 0
          ? [buildEvent('change', { claims: claims.map(buildClaimSummary) })]
          : []),
      ];
    });
  }

  /** A reader whose rights cannot be looked up any more gets nothing more. */
  async #send(build: () => Promise<string[]>): Promise<void> {
    const { response, timing } = this.#options;
    this.#isSending = true;
    try {
      const events = await build();
      if (events.length > 0) this.#write(events.join(''));
    } catch {
      response.destroy();
    }
    this.#isSending = false;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#sendRest();
    }, timing.coalesceMs);
  }

  #sendRest(): void {
    if (this.#changed.size + this.#gone.size > 0) this.#schedule();
  }

  readonly #find = ({ namespace, name, uid }: ClaimKey): DynamicVolumeClaim[] => {
    const claim = this.#options.view.claim(namespace, name);
    return claim?.metadata.uid === uid ? [claim] : [];
  };

  async #findVisible(claims: ClaimKey[]): Promise<Set<string>> {
    const { viewer, namespace } = this.#options;
    const names = claims.map((claim) => claim.namespace);
    const wanted = names.filter((name) => namespace === undefined || name === namespace);
    return filterNamespaces(viewer, new Set(wanted));
  }

  /** Also looks whether the reader is still somebody. */
  async #beat(): Promise<void> {
    const { response, viewer } = this.#options;
    try {
      await viewer.check();
      if (this.#stall === undefined) this.#write(': still here\n\n');
    } catch {
      response.end();
    }
  }

  #write(text: string): void {
    const { response, timing } = this.#options;
    if (response.destroyed || response.writableEnded) return;
    if (response.write(text)) return;
    this.#stall ??= setTimeout(() => response.destroy(), timing.stallMs);
  }

  #resume(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
    this.#sendRest();
  }

  #stop(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#pause);
    clearTimeout(this.#stall);
  }
}

function listNamespaces(claims: DynamicVolumeClaim[]): Set<string> {
  return new Set(claims.map(({ metadata }) => metadata.namespace));
}

function buildEvent(type: 'change', data: ClaimsAnswer): string;
function buildEvent(type: 'gone', data: string[]): string;
function buildEvent(type: string, data: unknown): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
