/** The types that every framework's entry names. */
export type { Answered, AskOptions, Read, ReadOptions } from './ask.ts'
export type { LatestOptions } from './latest.ts'
export type { CreateHooks, HookSocket, Shape } from './types.ts'
