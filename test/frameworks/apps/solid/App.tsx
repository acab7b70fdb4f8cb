/** @jsxImportSource solid-js */
import { For, Show, createSignal } from 'solid-js'
import { Chat } from './Chat.tsx'

export function App() {
  const [page, setPage] = createSignal('Chat')
  return (
    <>
      <nav>
        <For each={['Chat', 'About']}>
          {(name) => (
            <button type="button" aria-current={page() === name ? 'page' : undefined} onClick={() => setPage(name)}>
              {name}
            </button>
          )}
        </For>
      </nav>
      <main>
        <Show when={page() === 'Chat'} fallback={<p>Nobody listens on this page.</p>}>
          <Chat />
        </Show>
      </main>
    </>
  )
}
