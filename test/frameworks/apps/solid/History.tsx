/** @jsxImportSource solid-js */
import { Index, Show } from 'solid-js'
import { useRequest } from './live.ts'

export function History(props: { readonly room: string }) {
  const { data, error, pending, refetch } = useRequest('history', () => ({ room: props.room }))
  return (
    <section>
      <h2>Earlier</h2>
      <Show when={error() instanceof Error}>
        <p role="alert">{(error() as Error).message}</p>
      </Show>
      <Show when={data()} fallback={<p>Loading…</p>}>
        {(lines) => (
          <ul>
            <Index each={lines()}>
              {(line) => (
                <li>
                  {line().from}: {line().text}
                </li>
              )}
            </Index>
          </ul>
        )}
      </Show>
      <button type="button" disabled={pending()} onClick={() => void refetch()}>
        Reload
      </button>
    </section>
  )
}
