import type { Patch } from './bundle.ts'
import type { LifeKind } from './lives.ts'
import type { Invariant } from './violation.ts'

/** A deliberate fault: something that must not be forgotten in the sources, forgotten. */
export interface Fault {
  readonly name: string
  readonly patches: readonly Patch[]
  /** Which it breaks: it is found by that one. */
  readonly breaks: Invariant
  readonly kind: LifeKind
}

/** One that is found in any life. */
export const fault = (breaks: Invariant, name: string, ...patches: Patch[]): Fault => ({
  name,
  patches,
  breaks,
  kind: 'any',
})
/** One that is found in lives of another kind. */
export const inLives = (kind: LifeKind, other: Fault): Fault => ({ ...other, kind })

/** Patches of one file. */
export const inFile =
  (file: string) =>
  (find: string, replace = ''): Patch => ({ file, find, replace })
