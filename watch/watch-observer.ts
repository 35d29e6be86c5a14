// Who is told how the watches fare?

/** What is watched. */
export type WatchKind = 'claims' | 'classes' | 'pods' | 'secrets';

/** Told of every watch of a kind; must be quick and must not throw. */
export interface WatchObserver {
  /** The API server has told something: an event, a bookmark, or the regular end of a watch. */
  heard(kind: WatchKind): void;
  /** A complete list is in. */
  listed(kind: WatchKind): void;
  /** A list or a watch has failed, broken off or gone silent. */
  failed(kind: WatchKind): void;
}
