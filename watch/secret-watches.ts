// Which version does each Secret have that a class names? (metadata only: its values never come here)
import type { Logger } from 'pino';
import { CLASS_PARAMETERS } from '../api/names.ts';
import type { StorageProviderClass } from '../api/storage-provider-class.ts';
import { sleep } from './backoff.ts';
import type { KubernetesConnection } from './kubernetes-connection.ts';
import { runReflector } from './reflector.ts';
import type { WatchTiming } from './reflector.ts';
import type { WatchObserver } from './watch-observer.ts';

export interface SecretRef {
  namespace: string;
  name: string;
}

export interface SecretWatchesOptions {
  connection: KubernetesConnection;
  /** Told when a Secret may have another version than was answered last, and when it is gone. Must not throw. */
  onChange(secret: SecretRef): void;
  log: Logger;
  timing?: WatchTiming;
  observer?: WatchObserver;
}

interface SecretWatch {
  version: string | undefined;
  /** Somebody asked before the first list was in, and has read the version elsewhere. */
  missed: boolean;
  isListed: boolean;
  listed: Promise<void>;
  abort: AbortController;
}

/** One watch for each Secret that is followed, until the signal aborts. */
export class SecretWatches {
  readonly #options: SecretWatchesOptions;
  readonly #signal: AbortSignal;
  readonly #watches = new Map<string, SecretWatch>();
  readonly #ending = new Set<Promise<void>>();

  constructor(options: SecretWatchesOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  /** Starts to watch what is new among these Secrets and ends what is no longer among them. */
  follow(secrets: Iterable<SecretRef>): void {
    const wanted = new Map([...secrets].map((secret) => [buildSecretKey(secret), secret]));
    for (const [key, watch] of this.#watches) {
      if (wanted.has(key)) continue;
      this.#watches.delete(key);
      watch.abort.abort();
    }
    for (const [key, secret] of wanted) {
      if (!this.#watches.has(key)) this.#watches.set(key, this.#start(secret));
    }
  }

  /** `metadata.resourceVersion`; undefined when the Secret is not followed, not there, or not listed yet. */
  version(secret: SecretRef): string | undefined {
    const watch = this.#watches.get(buildSecretKey(secret));
    if (watch !== undefined && !watch.isListed) watch.missed = true;
    return watch?.version;
  }

  /** Resolves when every Secret that is followed now was listed, at the latest after the time. */
  async listed(maxMs: number): Promise<void> {
    const all = Promise.all([...this.#watches.values()].map((watch) => watch.listed));
    const end = new AbortController();
    await Promise.race([all, sleep(maxMs, AbortSignal.any([end.signal, this.#signal]))]);
    end.abort();
  }

  /** Resolves when every watch has ended after the abort. */
  async stopped(): Promise<void> {
    await Promise.all(this.#ending);
  }

  #start(secret: SecretRef): SecretWatch {
    const abort = new AbortController();
    const listed = Promise.withResolvers<void>();
    const watch: SecretWatch = {
      version: undefined,
      missed: false,
      isListed: false,
      listed: listed.promise,
      abort,
    };
    const onListed = (): void => {
      const isFirst = !watch.isListed;
      watch.isListed = true;
      listed.resolve();
      if (isFirst && watch.missed) this.#options.onChange(secret);
    };
    const onChange = (version: string | undefined): void => {
      watch.version = version;
      // A version that nobody has asked for is no news.
      if (watch.isListed) this.#options.onChange(secret);
    };
    this.#track(this.#run(secret, { onListed, onChange }, abort.signal));
    return watch;
  }

  #run(
    { namespace, name }: SecretRef,
    told: { onListed(): void; onChange(version: string | undefined): void },
    signal: AbortSignal,
  ): Promise<void> {
    const { connection, log, timing, observer } = this.#options;
    return runReflector(
      {
        connection,
        kind: 'secrets',
        path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets`,
        fieldSelector: `metadata.name=${name}`,
        metadataOnly: true,
        project: readVersion,
        onListed: () => told.onListed(),
        onChange: (_before, after) => {
          if (!signal.aborted) told.onChange(after);
        },
        log,
        ...(timing === undefined ? {} : { timing }),
        ...(observer === undefined ? {} : { observer }),
      },
      AbortSignal.any([signal, this.#signal]),
    );
  }

  #track(ended: Promise<void>): void {
    this.#ending.add(ended);
    void ended.finally(() => this.#ending.delete(ended));
  }
}

/** A name that no Secret can have is a mistake of the class: the server would refuse the watch for ever. */
const SECRET_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** The Secrets that classes name, each once. */
export function listSecrets(classes: Iterable<StorageProviderClass>): SecretRef[] {
  const refs = [...classes]
    .flatMap((cls) => readSecretRef(cls) ?? [])
    .filter(({ name }) => SECRET_NAME.test(name));
  return [...new Map(refs.map((ref) => [buildSecretKey(ref), ref])).values()];
}

/** The Secret that a class names, whatever else may be wrong with the class. */
export function readSecretRef({ spec }: StorageProviderClass): SecretRef | undefined {
  const namespace = spec.parameters[CLASS_PARAMETERS.secretNamespace];
  const name = spec.parameters[CLASS_PARAMETERS.secretName];
  return namespace && name ? { namespace, name } : undefined;
}

function buildSecretKey({ namespace, name }: SecretRef): string {
  return `${namespace}/${name}`;
}

function readVersion(object: unknown): string {
  return (object as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}
