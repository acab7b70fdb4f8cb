/** Chance, handed in. */
export interface Random {
  /** A number from 0 up to, not including, 1: for spreading retries, not for secrets. */
  float(): number
  /** 128 unguessable bits as 22 characters of base64url: session ids, `life`, nonces. */
  id(): string
}

/** The real one: `Math.random` for jitter, the platform's cryptographic source for identifiers. */
export const systemRandom: Random = {
  float: Math.random,
  id: () =>
    btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
      .replace(/\+/g, '-')
      .replace(/\//g, '_')
      .slice(0, 22),
}
