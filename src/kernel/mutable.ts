/**
 * What its owner writes and everybody else reads. A plain property is what it should be: V8 keeps an object literal that has getters
 * as a hash table, slow to make and to use.
 */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] }
