import { useState } from 'react'
import { Chat } from './Chat.tsx'

export function App() {
  const [page, setPage] = useState('Chat')
  return (
    <>
      <nav>
        {['Chat', 'About'].map((name) => (
          <button
            key={name}
            type="button"
            aria-current={page === name ? 'page' : undefined}
            onClick={() => setPage(name)}
          >
            {name}
          </button>
        ))}
      </nav>
      <main>{page === 'Chat' ? <Chat /> : <p>Nobody listens on this page.</p>}</main>
    </>
  )
}
