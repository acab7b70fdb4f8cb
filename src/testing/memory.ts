import type { Memory } from '../platform/memory.ts'

/** A memory that forgets nothing, and can be looked into. */
export interface VirtualMemory extends Memory {
  readonly kept: Map<string, string>
}

/** One with nothing in it but `entries`. */
export const virtualMemory = (...entries: [key: string, value: string][]): VirtualMemory => {
  const kept = new Map(entries)
  return { kept, get: (key) => kept.get(key) ?? null, set: (key, value) => void kept.set(key, value) }
}
