// Which objects of a collection exist, as far as list and watch have told?

/** What every Kubernetes object in a list or a watch event has. */
export interface KubernetesObject {
  metadata: { namespace?: string; name: string; uid: string; resourceVersion: string };
}

interface Entry<T> {
  uid: string;
  resourceVersion: string;
  value: T;
}

/**
 * Told of each change, in order. A namesake with another UID is told as a removal and then an addition.
 * Must not throw.
 */
export type ChangeListener<T> = (before: T | undefined, after: T | undefined) => void;

/** The latest known version of each object, projected; repeated versions are not changes. */
export class ObjectStore<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #project: (object: unknown) => T;
  readonly #onChange: ChangeListener<T>;

  constructor(project: (object: unknown) => T, onChange: ChangeListener<T>) {
    this.#project = project;
    this.#onChange = onChange;
  }

  /** Takes in a version of an object. @throws what the projection throws; the store is unchanged then */
  put(object: KubernetesObject): void {
    const { uid, resourceVersion } = object.metadata;
    const key = buildKey(object);
    const known = this.#entries.get(key);
    if (known?.uid === uid && known.resourceVersion === resourceVersion) return;
    const value = this.#project(object);
    if (known !== undefined && known.uid !== uid) this.#drop(key, known);
    const before = known?.uid === uid ? known.value : undefined;
    this.#entries.set(key, { uid, resourceVersion, value });
    this.#onChange(before, value);
  }

  /** Takes out an object, unless the name has passed to another UID. */
  remove(object: KubernetesObject): void {
    const key = buildKey(object);
    const known = this.#entries.get(key);
    if (known?.uid === object.metadata.uid) this.#drop(key, known);
  }

  /** Takes out everything that a complete list did not name. */
  retain(listed: ReadonlySet<string>): void {
    for (const [key, entry] of this.#entries) {
      if (!listed.has(key)) this.#drop(key, entry);
    }
  }

  #drop(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    this.#onChange(entry.value, undefined);
  }
}

/** `<namespace>/<name>`; the namespace is empty for a cluster-scoped object. */
export function buildKey(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
