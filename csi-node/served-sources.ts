// Which sources has this agent mounted, and which mount pods serve them?
import type { S3Storage } from '../api/node-agent.ts';
import type { WriteMode } from '../api/storage-provider-class.ts';

/** What is to be mounted, and which mount pod shall serve it. */
export interface SourceRequest {
  sourceKey: string;
  mountPodUid: string;
  s3: S3Storage;
  writeMode: WriteMode;
}

/**
 * By source key, from the attach until the release. Memory only, because it holds keys: what its lack decides is only
 * that a source cannot be brought back before its next attach, by which a restarted agent learns it again.
 */
export class ServedSources {
  readonly #sources = new Map<string, SourceRequest>();
  readonly #onChange: () => void;

  /** @param onChange called after another mount pod serves a source, or one less does */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get(sourceKey: string): SourceRequest | undefined {
    return this.#sources.get(sourceKey);
  }

  set({ sourceKey, mountPodUid, s3, writeMode }: SourceRequest): void {
    const former = this.#sources.get(sourceKey);
    this.#sources.set(sourceKey, { sourceKey, mountPodUid, s3, writeMode });
    if (former?.mountPodUid !== mountPodUid) this.#onChange();
  }

  delete(sourceKey: string): void {
    if (this.#sources.delete(sourceKey)) this.#onChange();
  }

  /** Does the mount pod that a request names serve the source, as far as this agent has seen? */
  isServedAsNamed(request: SourceRequest): boolean {
    const known = this.#sources.get(request.sourceKey);
    return known === undefined || known.mountPodUid === request.mountPodUid;
  }

  /** Keys of the sources of a mount pod. */
  findServedBy(mountPodUid: string): string[] {
    const served = [...this.#sources.values()].filter((one) => one.mountPodUid === mountPodUid);
    return served.map(({ sourceKey }) => sourceKey);
  }

  /** The mount pods that serve something. */
  get mountPodUids(): Set<string> {
    return new Set([...this.#sources.values()].map(({ mountPodUid }) => mountPodUid));
  }
}
