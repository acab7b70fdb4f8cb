/** One contract for both sides, as an application would write it. Compiled, never run. */
export interface Chat {
  toServer: {
    say: { room: string; text: string }
    cursor: { x: number; y: number }
    leave: undefined
    mood: string | undefined
  }
  toClient: { said: { from: string; text: string }; closing: undefined }
  requests: {
    history(input: { room: string }): string[]
    rooms(): string[]
    lookup(input: string): Promise<number | null>
    rename(input?: string): boolean
  }
  serverRequests: { confirm(input: { what: string }): boolean; where(): { x: number } }
  streams: { ticks(input: { symbol: string }): { price: number }; all(): number }
}

/** Some parts may be left out. */
export interface OneWay {
  toClient: { tick: number }
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- comparing two generic functions compares exactly
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles where both types are the same, neither wider nor narrower. */
export declare function same<A, B>(...proof: Equal<A, B> extends true ? [] : ['these types differ']): void
