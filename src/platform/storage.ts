/** Where sessions outlive their pages: a store has places, and a place holds one session's state and messages. */

/** A message that was accepted for sending, as it is kept. */
export interface StoredMessage {
  /** Orders the messages of a place; never used twice in it. */
  readonly key: number
  /** As it goes on the wire. */
  readonly frame: string | Uint8Array
  /** Its number in the session, if it has one: then it may have been sent. docs/protocol.md#numbers */
  readonly number?: number | undefined
  /** Replaces a waiting message of the same key. */
  readonly latest?: string | undefined
  /** Milliseconds since the epoch after which it is not worth sending. */
  readonly expiresAt?: number | undefined
}

/** A step from what is kept to what is to be kept. */
export interface StorageChange {
  /** Takes the place of the state before: plain JSON, small, and nothing that a store looks into. */
  readonly state: unknown
  /** Messages to add, or to overwrite by their key. */
  readonly put: readonly StoredMessage[]
  /** Keys of messages to delete. */
  readonly drop: readonly number[]
}

/** What is kept at a place. Anybody of this origin may have written it: who reads it checks its shape. */
export interface Kept {
  readonly state: unknown
  /** By key, ascending. */
  readonly messages: readonly StoredMessage[]
}

/** A place in a store: held by this page alone until it is released, or the page is gone. */
export interface StoragePlace {
  /** Names the place in its store. */
  readonly id: string
  /** What was kept there when it was claimed; undefined at a new place. */
  readonly kept: Kept | undefined
  /**
   * Keeps all of a change or nothing, in the order of calls. MUST begin at once, before the page can go, and MUST resolve
   * only when it is kept. Rejects if it cannot be: the disk is full, the database is gone, the place was released.
   */
  write(change: StorageChange): Promise<void>
  /**
   * Lets go of the place, so that another page, or this one later, may claim it; with `forget`, what is kept there is
   * deleted. What was written before is still kept. MUST NOT throw. Needed, too, before a page enters the back/forward cache.
   */
  release(forget: boolean): void
}

/** Where sessions outlive their pages. */
export interface OutboxStore {
  /**
   * Takes hold of a place that no page holds: this tab's own, or else one that a closed page left behind, or else a new one.
   * A place that was written to a moment ago is left alone: the tab may be reloading. With `orphan`, only one that a closed page left behind and that has messages; undefined if there is none. MUST neither
   * throw nor hang; rejects where nothing can be kept: no database, no locks, a private window.
   */
  claim(orphan?: boolean): Promise<StoragePlace | undefined>
}
