import type { Dialled } from './line.ts'

export const peerLines: Readonly<Record<string, () => Dialled>> = {}
