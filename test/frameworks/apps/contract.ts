/** What the pages of all frameworks and their server say to each other. */
export interface Chat {
  toServer: { say: Line }
  toClient: { said: Line }
  requests: { history(input: { readonly room: string }): Line[] }
  /** The price of something, as it changes. */
  streams: { prices(input: { readonly of: string }): number }
}

export interface Line {
  readonly room: string
  readonly from: string
  readonly text: string
}
