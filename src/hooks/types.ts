/** Types that the hooks of all frameworks share. */
import type { Contract, Input, Name, Output, Part, Speaks } from '../contract.ts'
import type { Shareable } from '../share.ts'

/** What hooks can be made of: a socket of `holdfast` or of `holdfast/wire`, shared or not. */
export type HookSocket = Shareable & Speaks<never> & { readonly status: { get(): object } }

/** What is said over a socket. */
export type ContractOf<S> = S extends { '~contract'?(contract: infer C): void } ? Extract<C, Contract> : never

/** How such a socket says that it is. */
export type StatusOf<S> = S extends { readonly status: { get(): infer T } } ? T : never

/** The names of the server's events, and the data of one. */
export type EventName<C> = Name<Part<C, 'toClient'>>
export type EventData<C, K extends EventName<C>> = Part<C, 'toClient'>[K]

/** The names of what can be asked, with input and answer. */
export type RequestName<C> = Name<Part<C, 'requests'>>
export type RequestInput<C, K extends RequestName<C>> = Input<Part<C, 'requests'>[K]>
export type RequestOutput<C, K extends RequestName<C>> = Output<Part<C, 'requests'>[K]>

/** The names of streams, with input and item. */
export type StreamName<C> = Name<Part<C, 'streams'>>
export type StreamInput<C, K extends StreamName<C>> = Input<Part<C, 'streams'>[K]>
export type StreamItem<C, K extends StreamName<C>> = Output<Part<C, 'streams'>[K]>

/** Options that keep one item, and those that keep several. */
export type One<Options> = Options & { readonly history?: undefined }
export type Several<Options> = Options & { readonly history: number }
