// Which objects are in a namespace?

/** Values by namespace and name. */
export class NamespacedIndex<T> {
  readonly #namespaces = new Map<string, Map<string, T>>();

  get(namespace: string, name: string): T | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  set(namespace: string, name: string, value: T): void {
    const names = this.#namespaces.get(namespace) ?? new Map<string, T>();
    names.set(name, value);
    this.#namespaces.set(namespace, names);
  }

  delete(namespace: string, name: string): void {
    const names = this.#namespaces.get(namespace);
    names?.delete(name);
    if (names?.size === 0) this.#namespaces.delete(namespace);
  }

  in(namespace: string): T[] {
    return [...(this.#namespaces.get(namespace)?.values() ?? [])];
  }

  all(): T[] {
    return [...this.#namespaces.values()].flatMap((names) => [...names.values()]);
  }
}
