import { type SubmitEvent, useState } from 'react'
import { History } from './History.tsx'
import { Ticker } from './Ticker.tsx'
import { useEvent, useLatest, useSocket, useStatus } from './live.ts'

export function Chat() {
  const [room, setRoom] = useState('lobby')
  const [text, setText] = useState('')
  const [heard, setHeard] = useState(0)
  const [waiting, setWaiting] = useState(0)
  const socket = useSocket()
  const isOpen = useStatus(({ state }) => state === 'open')
  const said = useLatest('said', { history: 20 })
  useEvent('said', (line) => {
    if (line.room === room) setHeard((count) => count + 1)
  })

  const say = (event: SubmitEvent): void => {
    event.preventDefault()
    const { delivered } = socket.send('say', { room, from: 'me', text })
    setText('')
    setWaiting((count) => count + 1)
    void delivered.then(() => setWaiting((count) => count - 1))
  }

  return (
    <>
      <p role="status">{isOpen ? 'Connected' : 'Connecting…'}</p>
      <label>
        Room{' '}
        <select value={room} onChange={({ target }) => setRoom(target.value)}>
          <option>lobby</option>
          <option>attic</option>
          <option>cellar</option>
        </select>
      </label>
      <History room={room} />
      <section>
        <h2>Now</h2>
        <ul>
          {said
            .filter((line) => line.room === room)
            .map(({ from, text }, index) => (
              <li key={index}>
                {from}: {text}
              </li>
            ))}
        </ul>
        <p>
          Heard {heard}, waiting {waiting}
        </p>
        <form onSubmit={say}>
          <input aria-label="Message" value={text} onChange={({ target }) => setText(target.value)} />
          <button>Send</button>
        </form>
      </section>
      <Ticker />
    </>
  )
}
