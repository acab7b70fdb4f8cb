/** Chance, handed in. */
export interface Random {
  /** A number from 0 up to, not including, 1: for spreading retries, not for secrets. */
  float(): number
  /** 128 unguessable bits as text: session ids, `life`, nonces. */
  id(): string
}

/** The real one: `Math.random` for jitter, the platform's cryptographic source for identifiers (`randomUUID` is for secure contexts only). */
export const systemRandom: Random = {
  float: Math.random,
  id: () =>
    crypto.getRandomValues(new Uint32Array(4)).reduce((id, word) => id + word.toString(16).padStart(8, '0'), ''),
}
