/** Conversations and lines that fuzzing begins with: docs/protocol.md's examples, and those of corpus/. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** One packet, or one body, of one side. */
interface Said {
  readonly side: 'client' | 'server'
  readonly packet: string
}
export type Talk = readonly Said[]

const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8')

/** In the notation of docs/protocol.md: a side and its lines, the later ones indented. */
const talkOf = (text: string): Talk =>
  [...text.matchAll(/^(client|server) {2}(.*(?:\n {8}.*)*)$/gm)].map(([, side, packet]) => ({
    side: side as Said['side'],
    packet: packet!.replaceAll(/\n {8}/g, '\n'),
  }))

const examples = [...read('../../docs/protocol.md').matchAll(/<!-- frames: \w+ -->\s*```text\n([^]*?)\n```/g)]

/** What is said over one carrier after another, by both sides. */
export const talks: readonly Talk[] = [
  ...examples.map(([, text]) => talkOf(text!)),
  ...read('corpus/conversations.txt').split('\n---\n').map(talkOf),
]
/** The bodies of POSTs and of their answers. */
export const bodies: Talk = talkOf(read('corpus/http.txt'))

/** What nobody would say who means well. */
const hostile = read('corpus/hostile.txt').trimEnd().split('\n')

/** Every line of all. */
export const lines: readonly string[] = [
  ...new Set([...[...talks.flat(), ...bodies].flatMap(({ packet }) => packet.split('\n')), ...hostile]),
]
