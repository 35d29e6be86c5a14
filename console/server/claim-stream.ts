// What does one reader of the stream get, and when is it cut off?
import type { ServerResponse } from 'node:http';
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import type { ClusterView } from '../../watch/cluster-view.ts';
import { buildClaimSummary } from '../model/summary.ts';
import type { ClaimsAnswer } from '../model/views.ts';
import { ConsoleRefusal } from './refusal.ts';
import { filterNamespaces } from './viewer.ts';
import type { Viewer } from './viewer.ts';

/** Milliseconds. */
export interface StreamTiming {
  /** Between two events at least. */
  coalesceMs: number;
  /** Between two signs of life, and between two questions about who reads while there is no answer. */
  heartbeatMs: number;
  /** How long a reader may leave unread a part of what was sent. */
  stallMs: number;
}

export const STREAM_TIMING: StreamTiming = {
  coalesceMs: 250,
  heartbeatMs: 15_000,
  stallMs: 10_000,
};

/** Sent at once: whoever takes so much within {@link StreamTiming.stallMs} is slow, and not gone. */
const PART_BYTES = 64 * 1024;

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
  #unsent = Buffer.alloc(0);
  #hasBegun = false;
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

  /** {@link Viewer.user} of the reader. */
  get user(): string | undefined {
    return this.#options.viewer.user;
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
    if (isBusy || this.#options.response.destroyed) return;
    void (this.#hasBegun ? this.#sendChanges() : this.#sendAll());
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
      this.#hasBegun = true;
      return [buildEvent('change', { claims: visible.map(buildClaimSummary) })];
    });
  }

  async #sendChanges(): Promise<void> {
    await this.#send(async () => {
      const changed = [...this.#changed.values()];
      const gone = [...this.#gone.values()];
      const seen = await this.#findVisible([...changed, ...gone]);
      for (const { uid } of changed) this.#changed.delete(uid);
      for (const { uid } of gone) this.#gone.delete(uid);
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

  /** While nobody says who the reader is and what he may see, he gets nothing, and what changes is kept for him. */
  async #send(build: () => Promise<string[]>): Promise<void> {
    const { response, timing, viewer } = this.#options;
    this.#isSending = true;
    let pauseMs = timing.coalesceMs;
    try {
      await viewer.check();
      const events = await build();
      if (events.length > 0) this.#write(events.join(''));
    } catch (error) {
      if (!isUnanswered(error)) response.destroy();
      pauseMs = timing.heartbeatMs;
    }
    this.#isSending = false;
    if (!response.destroyed) this.#pause = setTimeout(() => this.#endPause(), pauseMs);
  }

  #endPause(): void {
    this.#pause = undefined;
    this.#sendRest();
  }

  #sendRest(): void {
    if (!this.#hasBegun || this.#changed.size + this.#gone.size > 0) this.#schedule();
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
    } catch (error) {
      if (!isUnanswered(error)) response.end();
    }
    if (this.#stall === undefined) this.#write(': still here\n\n');
  }

  #write(text: string): void {
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(text)]);
    if (this.#stall === undefined) this.#writeUnsent();
  }

  #writeUnsent(): void {
    const { response, timing } = this.#options;
    while (this.#unsent.length > 0 && !response.destroyed && !response.writableEnded) {
      const part = this.#unsent.subarray(0, PART_BYTES);
      this.#unsent = this.#unsent.subarray(PART_BYTES);
      if (response.write(part)) continue;
      this.#stall = setTimeout(() => response.destroy(), timing.stallMs);
      return;
    }
  }

  #resume(): void {
    clearTimeout(this.#stall);
    this.#stall = undefined;
    this.#writeUnsent();
    if (this.#stall === undefined) this.#sendRest();
  }

  #stop(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#pause);
    clearTimeout(this.#stall);
  }
}

/** Nobody has said no: the API server is away, or asked too much. */
function isUnanswered(error: unknown): boolean {
  return error instanceof ConsoleRefusal && error.status === 503;
}

function listNamespaces(claims: DynamicVolumeClaim[]): Set<string> {
  return new Set(claims.map(({ metadata }) => metadata.namespace));
}

function buildEvent(type: 'change', data: ClaimsAnswer): string;
function buildEvent(type: 'gone', data: string[]): string;
function buildEvent(type: string, data: unknown): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
