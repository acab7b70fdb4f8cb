/** What a framework's tests have to say about it: how components are mounted that use its hooks as its users would. */
import type { Socket, Status } from 'holdfast'

/** What is spoken here. */
export interface Chat {
  toServer: { say: string }
  toClient: { said: string }
  requests: {
    double: (input: { number: number }) => number
    broken: () => never
    never: (input: { id: number }) => void
  }
  streams: {
    count: (input: { to: number }) => number
    failing: () => number
    endless: (input: { id: number }) => number
  }
}

/** One component, which uses one hook. What is given here is given to the hook; what can change is what `Stage.change` may change. */
export type Use =
  | { readonly hook: 'useSocket' }
  | { readonly hook: 'useStatus'; readonly select?: (status: Status) => unknown }
  | { readonly hook: 'useEvent'; readonly listener: (text: string) => void }
  | { readonly hook: 'useLatest'; readonly history?: number; readonly filter?: (text: string) => boolean }
  | {
      readonly hook: 'useRequest'
      readonly name: keyof Chat['requests']
      /** May change. */
      readonly input?: never
      /** May change. */
      readonly enabled?: boolean
    }
  | {
      readonly hook: 'useStream'
      readonly name: keyof Chat['streams']
      /** May change. */
      readonly input?: never
      readonly history?: number
      /** May change. */
      readonly enabled?: boolean
    }

/** A page: components side by side. */
export interface Scene {
  /** What `createHooks` was given. */
  readonly live?: Socket<Chat> | undefined
  /** What the components are given from above (`SocketProvider` or the framework's word for it), if anything. May change. */
  readonly provided?: Socket<Chat> | undefined
  /** One component each. They may change as it says there, and become more or fewer. */
  readonly uses: readonly Use[]
  /** Components wait for it before they are on the page, with the hooks called already, as the framework's Suspense has it. */
  readonly waitsFor?: Promise<unknown> | undefined
  /**
   * Each component calls it with its place in `uses` and what its hook gave, whenever that was rendered (in an effect of a render; for
   * fine-grained frameworks, whenever what is on the page was computed anew). `useSocket` gives the socket, `useEvent` undefined,
   * `useRequest` and `useStream` an object of the values and `refetch`: no refs, no accessors.
   */
  readonly show: (place: number, value: unknown) => void
}

/** A page that is there. */
export interface Mounted {
  /** Goes on with what is changed. */
  change(scene: Scene): void
  unmount(): void
}

export interface Driver {
  readonly name: string
  /**
   * Mounts components that show `text(value)` in a `<p>` each, directly in `container`. May be rendered later, but by the next frame.
   * Throws what a component throws.
   */
  mount(scene: Scene, container: Element): Mounted
  /** Like `mount`, over what the server rendered. */
  hydrate(scene: Scene, container: Element): Mounted
}

/** A framework's server build. */
export interface ServerDriver {
  readonly name: string
  /** The page as HTML, by each way that the framework has. */
  readonly render: Readonly<Record<string, (scene: Scene) => string | Promise<string>>>
}

/** What a component shows of a value: errors by their code. */
export const text = (value: unknown): string =>
  value === undefined || (value as Partial<Socket>)?.reconnect
    ? '–'
    : JSON.stringify(value, (_, part: unknown) => (part instanceof Error ? (part as { code?: string }).code : part))
