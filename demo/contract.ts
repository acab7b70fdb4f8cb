/** Who speaks. A tab makes its own person, and keeps it for as long as the tab lives. */
export interface Person {
  readonly id: string
  readonly name: string
  /** Degrees on the colour wheel. */
  readonly hue: number
}

/** A message as the server keeps it. */
export interface Message {
  /** Made by the page that said it: the same message sent twice is still one message. */
  readonly id: string
  /** Its place in the conversation, given by the server. */
  readonly seq: number
  readonly from: Person
  readonly text: string
  /** Milliseconds since the epoch, by the server's clock. */
  readonly at: number
}

/** All that page and server may say to each other: imported by both, so neither can misspell it. */
export interface Chat {
  toServer: {
    say: { readonly id: string; readonly text: string }
    typing: undefined
  }
  toClient: {
    said: Message
    typing: Person
    people: readonly Person[]
  }
  requests: {
    /** The newest messages behind this place; 0 for all. */
    history(input: { readonly after: number }): readonly Message[]
    /** Who is here: a page that goes on with the session of one before has not been told. */
    people(): readonly Person[]
  }
}
