/** @jsxImportSource solid-js */
import { Show } from 'solid-js'
import { useStream } from './live.ts'

export function Ticker() {
  const { data, error, pending, done } = useStream('prices', { of: 'rope' }, { history: 3 })
  return (
    <section>
      <h2>Rope</h2>
      <Show when={error() instanceof Error}>
        <p role="alert">{(error() as Error).message}</p>
      </Show>
      <p>
        {pending() ? 'Asking…' : data().join(', ')}
        {done() && ' Sold out.'}
      </p>
    </section>
  )
}
