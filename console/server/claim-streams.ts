// Who reads the stream of changes, and whom does a change concern?
import type { DynamicVolumeClaim } from '../../api/dynamic-volume-claim.ts';
import { MOUNT_NAMESPACE } from '../../api/names.ts';
import type { ClusterChange } from '../../watch/caches.ts';
import type { ClusterView, PodView } from '../../watch/cluster-view.ts';
import { buildMountPodView, isFor, listClaimPods } from '../model/mount-pods.ts';
import { ClaimStream } from './claim-stream.ts';
import type { ClaimKey, StreamOptions, StreamTiming } from './claim-stream.ts';
import { ConsoleRefusal } from './refusal.ts';
import type { Viewer } from './viewer.ts';

const MAX_STREAMS = 100;

/** The rest is for port-forwards: who runs the cluster gets in, however many others read. */
const MAX_STREAMS_WITH_TOKEN = 80;

const MAX_STREAMS_OF_USER = 10;

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
  checkRoom({ user }: Pick<Viewer, 'user'>): void {
    const users = [...this.#streams].map((stream) => stream.user);
    if (users.length >= MAX_STREAMS) throw refuseReader(`${MAX_STREAMS} readers`);
    if (user === undefined) return;
    const named = users.filter((one) => one !== undefined);
    if (named.length >= MAX_STREAMS_WITH_TOKEN)
      throw refuseReader(`${MAX_STREAMS_WITH_TOKEN} readers with tokens`);
    if (named.filter((one) => one === user).length >= MAX_STREAMS_OF_USER)
      throw refuseReader(`${MAX_STREAMS_OF_USER} readers of yours`);
  }

  /** Sends to the response, whose head has been sent, until it is closed; it may be already. */
  open({ viewer, namespace, response }: Omit<StreamOptions, 'view' | 'timing'>): void {
    if (response.destroyed) return;
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
    const findServed = (one: PodView | undefined) =>
      one ? pods.filter((workload) => isFor(one, workload)) : [];
    const [servedBefore, servedAfter] = [findServed(before), findServed(after)];
    if (describe(before, servedBefore) === describe(after, servedAfter)) return;
    const served = [...servedBefore, ...servedAfter];
    for (const claim of this.#view.claimsIn(pod.servesNamespace)) {
      if (listClaimPods(claim, served).length > 0) this.#noteChanged(claim);
    }
  }

  #noteChanged(claim: DynamicVolumeClaim): void {
    const changed = pickKey(claim);
    for (const stream of this.#streams) stream.noteChanged(changed);
  }
}

/** What is shown of a mount pod; nothing of one that is for no pod. */
function describe(mountPod: PodView | undefined, served: PodView[]): string {
  if (!mountPod || served.length === 0) return '';
  const names = served.map(({ name }) => name);
  return JSON.stringify(buildMountPodView(mountPod, names));
}

function refuseReader(whoIsThere: string): ConsoleRefusal {
  return new ConsoleRefusal(503, `${whoIsThere} are connected, which is the most; try again later`);
}

function pickKey({ metadata: { namespace, name, uid } }: DynamicVolumeClaim): ClaimKey {
  return { namespace, name, uid };
}
