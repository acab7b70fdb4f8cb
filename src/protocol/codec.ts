/**
 * Turns an application's values into what the wire carries (JSON values, `ArrayBuffer`s or typed arrays) and back:
 * superjson's `serialize`/`deserialize` fit as they are; `holdfast/msgpack` has one. Both sides need the same one.
 */
export interface Codec {
  encode(value: unknown): unknown
  /** Gets what the other side's `encode` gave; bytes arrive as `Uint8Array`. */
  decode(value: unknown): unknown
}
