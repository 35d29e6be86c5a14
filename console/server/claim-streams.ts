// Who reads the stream of changes, and whom does a change concern?
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import { MOUNT_NAMESPACE } from '../../api/names.ts';
import type { ClusterChange } from '../../watch/caches.ts';
import type { ClusterView, PodView } from '../../watch/cluster-view.ts';
import { buildMountPodViews } from '../model/mount-pods.ts';
import { ClaimStream } from './claim-stream.ts';
import type { ClaimKey, StreamOptions, StreamTiming } from './claim-stream.ts';
import { ConsoleRefusal } from './refusal.ts';

const MAX_STREAMS = 100;

/** Both listeners' readers. */
export class ClaimStreams {
  readonly #streams = new Set<ClaimStream>();
  readonly #view: Pick<ClusterView, 'claim' | 'claims' | 'claimsIn' | 'podsIn'>;
  readonly #timing: StreamTiming;

  constructor(
    view: Pick<ClusterView, 'claim' | 'claims' | 'claimsIn' | 'podsIn'>,
    timing: StreamTiming,
  ) {
    this.#view = view;
    this.#timing = timing;
  }

  /** @throws ConsoleRefusal 503 there are too many */
  checkRoom(): void {
    if (this.#streams.size < MAX_STREAMS) return;
    throw new ConsoleRefusal(
      503,
      `${MAX_STREAMS} readers are connected, which is the most; try again later`,
    );
  }

  /** Sends to the response, whose head has been sent, until it is closed. */
  open({ viewer, namespace, response }: Omit<StreamOptions, 'view' | 'timing'>): void {
    const [view, timing] = [this.#view, this.#timing];
    const stream = new ClaimStream({ view, timing, viewer, namespace, response });
    this.#streams.add(stream);
    response.once('close', () => this.#streams.delete(stream));
  }

  /** Tells the readers of a change in the cluster. Must not throw. */
  note(change: ClusterChange): void {
    if (this.#streams.size === 0) return;
    if (change.kind === 'claim') this.#noteClaim(change.before, change.after);
    if (change.kind === 'pod') this.#notePod(change.before, change.after);
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  #noteClaim(before: DynamicVolumeClaim | undefined, after: DynamicVolumeClaim | undefined): void {
    if (before && before.metadata.uid !== after?.metadata.uid) {
      const gone = pickKey(before);
      for (const stream of this.#streams) stream.noteGone(gone);
    }
    if (after) this.#noteChanged(after);
  }

  /** A claim's own object does not change when a mount pod of it is made anew. */
  #notePod(before: PodView | undefined, after: PodView | undefined): void {
    const pod = after ?? before;
    if (pod?.namespace !== MOUNT_NAMESPACE || pod.servesNamespace === undefined) return;
    const pods = this.#view.podsIn(pod.servesNamespace);
    for (const claim of this.#view.claimsIn(pod.servesNamespace)) {
      const describe = (one: PodView | undefined) =>
        JSON.stringify(one ? buildMountPodViews(claim, pods, [one]) : []);
      if (describe(before) !== describe(after)) this.#noteChanged(claim);
    }
  }

  #noteChanged(claim: DynamicVolumeClaim): void {
    const changed = pickKey(claim);
    for (const stream of this.#streams) stream.noteChanged(changed);
  }
}

function pickKey({ metadata: { namespace, name, uid } }: DynamicVolumeClaim): ClaimKey {
  return { namespace, name, uid };
}
