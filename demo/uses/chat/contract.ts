import type { Person } from '../app.ts'

/** The most bytes that a picture may have: a page makes larger ones smaller before it posts them. */
export const PICTURE_BYTES = 2 * 1024 ** 2

/** What every browser shows, and what cannot hold scripts. */
export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif'] as const

/** The most characters that a message may have, and the name of a room. */
export const TEXT_LENGTH = 2_000
export const NAME_LENGTH = 40

/** Of a picture what a page needs to keep its place; its bytes come by the request `picture`. */
export interface Picture {
  readonly width: number
  readonly height: number
}

/** A message as the server keeps it. */
export interface Message {
  /** Made by the page that said it: the same message sent twice is still one message. */
  readonly id: string
  /** Its place in the conversation, given by the server. */
  readonly seq: number
  readonly room: string
  readonly from: Person
  /** Empty where there is a picture. */
  readonly text: string
  readonly picture: Picture | null
  /** Milliseconds since the epoch, by the server's clock. */
  readonly at: number
}

/** Somebody in a room, and up to where they have read it. */
export interface Member {
  readonly person: Person
  readonly read: number
}

interface Room {
  readonly id: string
  readonly name: string
}

/** A room as one person sees it. */
export interface RoomView extends Room {
  readonly joined: boolean
  /** Messages of others behind what this person has read; 0 for who is not in it. */
  readonly unread: number
}

/** A piece of a room's past, oldest first. */
export interface History {
  readonly messages: readonly Message[]
  /** Whether there are older ones. */
  readonly more: boolean
  readonly members: readonly Member[]
}

/** All that page and server may say to each other: imported by both, so neither can misspell it. */
export interface Chat {
  toServer: {
    say: { readonly id: string; readonly room: string; readonly text: string }
    /** Worth nothing a moment later: volatile. */
    typing: { readonly room: string }
    /** Read up to here. Only the newest counts: `latest`. */
    read: { readonly room: string; readonly seq: number }
  }
  toClient: {
    said: Message
    typing: { readonly room: string; readonly person: Person }
    /** Somebody came into a room, or has read on. */
    member: Member & { readonly room: string }
    left: { readonly room: string; readonly person: string }
    /** There is a new room. */
    room: Room
    /** Who is here, in whatever room. */
    people: readonly Person[]
  }
  requests: {
    rooms(): readonly RoomView[]
    /** Makes a room, with its maker in it. The id is the page's own: asked twice, it is one room. */
    create(input: Room): RoomView
    join(input: { readonly room: string }): RoomView
    leave(input: { readonly room: string }): RoomView
    /** The newest messages of a room, or those before this place. */
    history(input: { readonly room: string; readonly before: number | null }): History
    /**
     * A picture is a message of its own. A request and not an event, because bytes take their time to be read: it is answered when
     * they are kept.
     */
    post(input: { readonly id: string; readonly room: string; readonly picture: Picture; readonly file: Blob }): Message
    /** The bytes of the picture in the message at this place. */
    picture(input: { readonly seq: number }): Blob
    /** Who is here: a page that goes on with the session of one before has not been told. */
    people(): readonly Person[]
  }
}
